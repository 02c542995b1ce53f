"""Masks in photographs with real weights, beside those that a person drew."""

from typing import Any

import numpy as np
import pytest
from tests.workflows.blocks.models.photos import outline, overlap, photo
from tests.workflows.leasing import services
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow, Mismatch
from ocella.types import Image

JOINED = "nanodet-g+person-segmentation"


@pytest.mark.parametrize(
    "name",
    [
        "roboflow_instance_segmentation_model@v4",
        "roboflow_core/roboflow_instance_segmentation_model@v3",
        "instance_segmentation_model",
    ],
)
def test_masks_are_those_that_a_person_drew(name: str) -> None:
    found = run_step(
        name,
        {"images": photo("astronaut.png")},
        services(),
        model_id=JOINED,
        class_filter=["person"],
        max_detections=1,
        mask_decode_mode="accurate",
        tradeoff_factor=0.5,
    )
    predictions = found["predictions"]
    assert predictions.masks is not None
    assert overlap(predictions.masks.dense()[0], outline("astronaut.png")) > 0.8
    assert (predictions.names, found["model_id"]) == (["person"], JOINED)
    assert "detection_id" in predictions.data


def test_nothing_found_has_no_masks_of_the_images_size() -> None:
    blank = Image(np.full((60, 80, 3), 127, np.uint8))
    found = run_step("instance_segmentation_model", {"images": blank}, services(), model_id="nanodet-g")["predictions"]
    assert (len(found), found.masks.size_hw) == (0, (60, 80))


@pytest.mark.parametrize("given", [{}, {"confidence": 0.2}])
def test_version_1_has_one_confidence(given: dict[str, Any]) -> None:
    found = run_step(
        "InstanceSegmentationModel", {"images": photo("astronaut.png")}, services(), model_id=JOINED, **given
    )["predictions"]
    assert found.confidence.min() >= given.get("confidence", 0.4)


def test_a_model_of_boxes_alone_is_told_what_to_join() -> None:
    with pytest.raises(Mismatch, match=r"nanodet-g\+sam2.1-hiera-tiny"):
        run_step("instance_segmentation_model", {"images": photo("cat.png")}, services(), model_id="nanodet-g")
    with pytest.raises(InvalidWorkflow, match="model_id"):
        run_step("instance_segmentation_model", {"images": photo("cat.png")}, services())
