"""SAM on a small random checkpoint, beside the library's own preparation and post-processing."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
import transformers
from tests.checkpoints.parts import picture
from tests.checkpoints.sam import make

import ocella
from ocella.errors import InvalidValue, Mismatch
from ocella.models.compose import Grounded
from ocella.models.segmentation.sam_prompts import ObjectPrompts
from ocella.models.segmentation.sam_segmenter import SamSegmenter, fitted_hw, prepare
from ocella.models.tasks import Detector
from ocella.types import Image

SIZES = [(48, 64), (200, 150), (30, 20), (97, 301)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tiny-sam")
    make(made, "sam-vit-base")
    return made


@pytest.fixture(scope="module")
def segmenter(folder: Path) -> SamSegmenter:
    model = ocella.load("sam", weights=folder, device="cpu", threads=1)
    assert isinstance(model, SamSegmenter)
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


def library(folder: Path, image: Image, boxes: Any, points: Any, *, multimask: bool) -> tuple[Any, Any, Any]:
    """Low-resolution logits, expected overlaps and masks in full size of the library's own pipeline."""
    processor = transformers.AutoProcessor.from_pretrained(folder)
    network = transformers.SamModel.from_pretrained(folder).eval()
    inputs = processor(
        images=image.pixels,
        input_boxes=None if boxes is None else [boxes.tolist()],
        input_points=None if points is None else [points[..., :2].tolist()],
        input_labels=None if points is None else [points[..., 2].astype(int).tolist()],
        return_tensors="pt",
    )
    with torch.inference_mode():
        out = network(**inputs, multimask_output=multimask)
    full = processor.post_process_masks(out.pred_masks, inputs["original_sizes"], inputs["reshaped_input_sizes"])[0]
    return out.pred_masks[0], out.iou_scores[0], full


@pytest.mark.parametrize("kind", ["boxes", "point", "points", "both"])
@pytest.mark.parametrize("size_hw", SIZES)
def test_logits_scores_and_masks_are_the_librarys(
    folder: Path, segmenter: SamSegmenter, size_hw: tuple[int, int], kind: str
) -> None:
    image = picture(*size_hw)
    boxes, points = asked(size_hw, kind)
    logits, quality, full = library(folder, image, boxes, points, multimask=kind == "point")
    assert logits.shape[1] == (3 if kind == "point" else 1)
    (masks,) = segmenter.predict(
        [image], None if boxes is None else [boxes], points=None if points is None else [points]
    )
    seen = list(segmenter.look(image, ObjectPrompts(boxes, points)))
    assert [row for row, _, _ in seen] == [0, 1]
    for row, ours, score in seen:
        best = int(quality[row].argmax())
        np.testing.assert_allclose(ours, logits[row, best], atol=1e-4)
        assert score == pytest.approx(float(quality[row, best]), abs=1e-4)
        assert np.array_equal(masks.dense()[row], full[row, best].numpy())
    assert 0 < masks.area[0] < image.height * image.width
    assert masks[0] != masks[1], "another prompt gives another mask"


def test_a_place_without_a_point_changes_nothing(segmenter: SamSegmenter) -> None:
    image = picture(60, 80)
    ragged = np.array([[[20, 20, 1], [0, 0, -1]], [[50, 30, 1], [10, 50, 0]]], np.float32)
    (together,) = segmenter.predict([image], points=[ragged])
    (first,) = segmenter.predict([image], points=[ragged[:1, :1]])
    (second,) = segmenter.predict([image], points=[ragged[1:]])
    assert together[0] == first
    assert together[1] == second
    box = np.array([[5, 5, 50, 40], [10, 20, 60, 50]], np.float32)
    (boxed,) = segmenter.predict([image], [box], points=[np.full((2, 3, 3), -1, np.float32)])
    assert [boxed] == segmenter.predict([image], [box])


def test_many_objects_are_as_each_alone(segmenter: SamSegmenter) -> None:
    image = picture(60, 80)
    rng = np.random.default_rng(1)
    corner = rng.uniform(0, 30, (37, 2)).astype(np.float32)
    boxes = np.concatenate([corner, corner + rng.uniform(5, 30, (37, 2)).astype(np.float32)], axis=1)
    (masks,) = segmenter.predict([image], [boxes])
    assert len(masks) == 37
    for row in (0, 15, 16, 36):
        (alone,) = segmenter.predict([image], [boxes[row : row + 1]])
        assert (masks[row].dense() != alone.dense()).sum() <= 2, "pixels where the logit is 0 up to rounding"


def test_an_image_is_encoded_once(segmenter: SamSegmenter) -> None:
    calls = []
    hook = segmenter._opened.network.vision_encoder.register_forward_hook(lambda *_: calls.append(1))
    one, two = picture(50, 70, 11), picture(50, 70, 12)
    box = np.array([[5, 5, 40, 40]], np.float32)
    many = (np.repeat(box, 40, axis=0) + np.arange(40)[:, None] / 10).astype(np.float32)
    segmenter.predict([one, two, one], [many, box, box])
    segmenter.predict([Image(one.pixels.copy())], points=[np.array([[[9, 9, 1]]], np.float32)])
    hook.remove()
    assert len(calls) == 2


def test_a_large_image_with_many_boxes_takes_little_memory(segmenter: SamSegmenter) -> None:
    """Twenty masks of twelve million logits would be a gigabyte at once: no tensor is larger than one of them."""
    largest = 0

    class Watch(torch.utils._python_dispatch.TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch's own
        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            nonlocal largest
            out = func(*args, **(kwargs or {}))
            if isinstance(out, torch.Tensor):
                largest = max(largest, out.numel() * out.element_size())
            return out

    image = picture(3000, 4000)
    boxes = np.tile(np.array([[100, 100, 2000, 2500]], np.float32), (20, 1)) + np.arange(20, dtype=np.float32)[:, None]
    with Watch():  # type: ignore[no-untyped-call]  # torch's own
        (masks,) = segmenter.predict([image], [boxes])
    assert len(masks) == 20
    assert largest <= 3000 * 4000 * 4
    assert masks.counts.nbytes < 50e6


@pytest.mark.parametrize(
    ("boxes", "points", "error", "words"),
    [
        (None, None, InvalidValue, "boxes or points, got neither"),
        ([], None, Mismatch, "got 0 for 1 images"),
        ([[[1, 2, 3]]], None, InvalidValue, r"boxes must have shape \(n, 4\)"),
        ([[[1, 2, 3, float("nan")]]], None, InvalidValue, "finite"),
        (None, [[[[5, 5]]]], InvalidValue, r"points must have shape \(n, n, 3\)"),
        (None, [[[[5, 5, 2]]]], InvalidValue, r"must be 1 \(on the object\)"),
        (None, [[[[5, 5, 1]], [[5, 5, -1]]]], InvalidValue, "Object 1 must have a point or a box"),
        ([[[1, 2, 3, 4]]], [[[[5, 5, 1]], [[5, 5, 1]]]], Mismatch, "got 1 and 2"),
    ],
)
def test_prompts_that_cannot_be(
    segmenter: SamSegmenter, boxes: Any, points: Any, error: type[Exception], words: str
) -> None:
    given = [None if p is None else [np.array(rows, np.float32) for rows in p] for p in (boxes, points)]
    with pytest.raises(error, match=words):
        segmenter.predict([picture(20, 30)], given[0], points=given[1])


@pytest.mark.parametrize("size_hw", [*SIZES, (64, 64), (300, 200)])
def test_preparation_is_the_librarys(folder: Path, segmenter: SamSegmenter, size_hw: tuple[int, int]) -> None:
    image = picture(*size_hw)
    theirs = transformers.AutoProcessor.from_pretrained(folder)(images=image.pixels, return_tensors="np")
    settings = segmenter._opened.image
    np.testing.assert_allclose(prepare(image.pixels, settings), theirs["pixel_values"][0], atol=1e-5)
    assert list(fitted_hw(size_hw, 64)) == list(theirs["reshaped_input_sizes"][0])


def test_a_line_of_pixels_keeps_a_pixel() -> None:
    assert fitted_hw((1, 4000), 1024) == (1, 1024)


def test_a_detector_s_boxes_become_masks(segmenter: SamSegmenter) -> None:
    detector = ocella.load("nanodet-g", device="cpu", threads=1)
    assert isinstance(detector, Detector)
    image = picture(120, 160)
    (found,) = Grounded(detector, segmenter).predict([image], threshold=0.05)
    assert found.masks is not None
    assert len(found.masks) == len(found) > 0
    assert [found.masks] == segmenter.predict([image], [found.xyxy])
    assert Grounded(detector, segmenter).card.name == "nanodet-g+sam-vit-base"
