"""SAM 2 on images, on a small random checkpoint, beside the library's model. Its preparation needs torchvision and is
compared in tests/torchvision; here inputs are made by hand.
"""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
import transformers
from tests.checkpoints.parts import picture
from tests.checkpoints.sam2 import SIDE, make
from torch.nn.functional import interpolate

import ocella
from ocella.errors import InvalidValue, Mismatch
from ocella.models.segmentation.sam2_pixels import prepare
from ocella.models.segmentation.sam_prompts import ObjectPrompts
from ocella.models.zoo.sam2 import Sam2

SIZES = [(48, 64), (200, 150), (30, 20), (97, 301)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tiny-sam2")
    make(made, "sam2.1-hiera-tiny")
    return made


@pytest.fixture(scope="module")
def segmenter(folder: Path) -> Sam2:
    model = ocella.load("sam2", weights=folder, device="cpu", threads=1)
    assert isinstance(model, Sam2)
    assert model.card.name == "sam2.1-hiera-tiny"
    return model


def asked(size_hw: tuple[int, int], kind: str) -> tuple[npt.NDArray[np.float32] | None, npt.NDArray[np.float32] | None]:
    """Boxes and points of two objects."""
    height, width = size_hw
    boxes = np.array([[0.1, 0.1, 0.6, 0.8], [0.3, 0.2, 0.9, 0.7]], np.float32) * [width, height, width, height]
    points = np.array([[[0.3, 0.4, 1], [0.8, 0.1, 0]], [[0.6, 0.5, 1], [0.1, 0.9, 1]]], np.float32)
    points[..., :2] *= [width, height]
    return {
        "boxes": (boxes.astype(np.float32), None),
        "point": (None, points[:, :1]),
        "points": (None, points),
        "both": (boxes.astype(np.float32), points),
    }[kind]


@pytest.mark.parametrize("kind", ["boxes", "point", "points", "both"])
@pytest.mark.parametrize("size_hw", SIZES)
def test_logits_scores_and_masks_are_the_librarys(
    folder: Path, segmenter: Sam2, size_hw: tuple[int, int], kind: str
) -> None:
    image = picture(*size_hw)
    boxes, points = asked(size_hw, kind)
    network = transformers.Sam2Model.from_pretrained(folder).eval()
    scale = np.array([SIDE / image.width, SIDE / image.height], np.float32)
    with torch.inference_mode():
        out = network(
            pixel_values=prepare(image.pixels, {"size": {"height": SIDE, "width": SIDE}}),
            input_boxes=None if boxes is None else torch.from_numpy(boxes * np.tile(scale, 2))[None],
            input_points=None if points is None else torch.from_numpy(points[..., :2] * scale)[None],
            input_labels=None if points is None else torch.from_numpy(points[..., 2])[None].long(),
            multimask_output=kind == "point",
        )
    full = interpolate(out.pred_masks[0], size_hw, mode="bilinear", align_corners=False) > 0
    (masks,) = segmenter.predict(
        [image], None if boxes is None else [boxes], points=None if points is None else [points]
    )
    for row, ours, score in segmenter.look(image, ObjectPrompts(boxes, points)):
        best = int(out.iou_scores[0, row].argmax())
        np.testing.assert_allclose(ours, out.pred_masks[0, row, best], atol=1e-4)
        assert score == pytest.approx(float(out.iou_scores[0, row, best]), abs=1e-4)
        assert np.array_equal(masks.dense()[row], full[row, best].numpy())
    assert 0 < masks.area[0] < image.height * image.width
    assert masks[0] != masks[1], "another prompt gives another mask"


def test_an_image_is_encoded_once(segmenter: Sam2) -> None:
    calls = []
    hook = segmenter._opened.network.vision_encoder.register_forward_hook(lambda *_: calls.append(1))
    one, two = picture(50, 70, 11), picture(50, 70, 12)
    box = np.array([[5, 5, 40, 40]], np.float32)
    first = segmenter.predict([one, two, one], [np.repeat(box, 40, axis=0), box, box])
    again = segmenter.predict([one], [box])
    hook.remove()
    assert len(calls) == 2
    assert first[2] == again[0], "what is kept of an image is not changed by looking at it"


def test_a_video_checkpoint_opens_for_images(tmp_path: Path) -> None:
    """The published checkpoints are those of the video model."""
    from tests.checkpoints.sam2_video import make as make_video

    make_video(tmp_path, "sam2.1-hiera-tiny-video")
    video = transformers.Sam2VideoModel.from_pretrained(tmp_path).eval()
    model = ocella.load("sam2.1-hiera-small", weights=tmp_path, device="cpu", threads=1)
    assert isinstance(model, Sam2)
    image = picture(64, 64)
    box = np.array([[10, 5, 50, 40]], np.float32)
    ((_, logits, _),) = model.look(image, ObjectPrompts(box, None))
    with torch.inference_mode():
        views = video.get_image_embeddings(prepare(image.pixels, {"size": {"height": SIDE, "width": SIDE}}))
        out = video._single_frame_forward(
            image_embeddings=views, input_boxes=torch.from_numpy(box * 2)[None], multimask_output=False
        )
    assert np.abs(out.pred_masks[0, 0].numpy() - logits.numpy()).max() < 1e-4 or (out.pred_masks == -1024).all()


@pytest.mark.parametrize(
    ("boxes", "error", "words"),
    [
        (None, InvalidValue, "got neither"),
        ([], Mismatch, "for 1 images"),
        ([[[1, 2]]], InvalidValue, "boxes must have"),
    ],
)
def test_prompts_that_cannot_be(segmenter: Sam2, boxes: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        segmenter.predict([picture(20, 30)], None if boxes is None else [np.array(b, np.float32) for b in boxes])
