"""RF-DETR beside the whole of its library's pipeline, whose processor needs torchvision."""

from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from tests.checkpoints.parts import picture
from tests.checkpoints.query_detectors import LABELS
from tests.checkpoints.rf_detr import SIDE, make

import ocella
from ocella.models.detection.detr_prepare import prepare_unblurred
from ocella.models.tasks import Detector
from ocella.ops.boxes import area, clip
from ocella.types import Image

SIZES = [(48, 64), (150, 90), (30, 200), (300, 260)]


@pytest.fixture(scope="module")
def images() -> transformers.RfDetrImageProcessor:
    return transformers.RfDetrImageProcessor(size={"height": SIDE, "width": SIDE})


def opened(folder: Path, name: str) -> Detector:
    model = ocella.load(name, weights=folder, device="cpu", threads=1)
    assert isinstance(model, Detector)
    return model


def forward(network: torch.nn.Module, pixels: torch.Tensor) -> transformers.utils.ModelOutput:
    with torch.inference_mode():
        return network(pixel_values=pixels)


@pytest.mark.parametrize("size_hw", SIZES)
def test_preparation_is_the_librarys(images: transformers.RfDetrImageProcessor, size_hw: tuple[int, int]) -> None:
    image = picture(*size_hw)
    theirs = images(image.pixels.copy(), return_tensors="pt")["pixel_values"][0].numpy()
    np.testing.assert_allclose(prepare_unblurred(image.pixels, {"size": dict(images.size)}), theirs, atol=1e-5)


@pytest.mark.parametrize("size_hw", SIZES)
def test_boxes_and_scores_are_the_librarys(
    images: transformers.RfDetrImageProcessor, size_hw: tuple[int, int], tmp_path: Path
) -> None:
    make(tmp_path, "rf-detr-nano")
    image = picture(*size_hw)
    network = transformers.RfDetrForObjectDetection.from_pretrained(tmp_path).eval()
    out = forward(network, images(image.pixels.copy(), return_tensors="pt")["pixel_values"])
    theirs = images.post_process_object_detection(out, threshold=0.0, target_sizes=[size_hw])[0]
    (found,) = opened(tmp_path, "rf-detr-nano").predict([image], threshold=0)
    boxes = clip(theirs["boxes"].numpy(), size_hw)
    names = np.array([LABELS[int(i)] for i in theirs["labels"]])
    rows = (area(boxes) > 0) & (names != "N/A")
    assert rows.sum() >= 3
    same = (
        (np.abs(boxes[rows][:, None] - found.xyxy[None]).max(axis=2) < 1e-4 * max(size_hw))
        & (np.abs(theirs["scores"].numpy()[rows][:, None] - found.confidence[None]) < 1e-4)
        & (names[rows][:, None] == np.array(found.names)[None])
    )
    assert same.any(axis=1).all()


@pytest.mark.parametrize("size_hw", SIZES)
def test_outlines_are_the_librarys(
    images: transformers.RfDetrImageProcessor, size_hw: tuple[int, int], tmp_path: Path
) -> None:
    make(tmp_path, "rf-detr-seg-nano")
    image: Image = picture(*size_hw)
    network = transformers.RfDetrForInstanceSegmentation.from_pretrained(tmp_path).eval()
    out = forward(network, images(image.pixels.copy(), return_tensors="pt")["pixel_values"])
    theirs = images.post_process_instance_segmentation(
        out, threshold=0.0, target_sizes=[size_hw], return_binary_maps=True
    )[0]
    (found,) = opened(tmp_path, "rf-detr-seg-nano").predict([image], threshold=0)
    assert found.masks is not None
    ours = found.masks.dense()
    seen = 0
    for mask, segment in zip(theirs["segmentation"].numpy(), theirs["segments_info"], strict=True):
        name = LABELS[segment["label_id"]]
        near = np.abs(found.confidence - segment["score"]) < 1e-4
        rows = np.flatnonzero(near & (np.array(found.names) == name))
        if name != "N/A" and len(rows):
            seen += 1
            assert max((ours[r] == mask).mean() for r in rows) > 0.999
    assert seen >= 3
