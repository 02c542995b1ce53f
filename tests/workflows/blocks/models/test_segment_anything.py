"""Outlines of boxes: the masks that SAM 2 gives by itself, and boxes counted from their pixels."""

from typing import Any

import numpy as np
import pytest
from tests.checkpoints.parts import picture
from tests.workflows.leasing import by_hand, services
from tests.workflows.running import run_step

from ocella.errors import Mismatch
from ocella.types import Detections

NAME, FAMILY = "sam2.1-hiera-tiny", "sam2"
IMAGE = picture(60, 90)
BOXES = np.array([[5, 5, 40, 40], [20, 20, 80, 50], [0, 0, 10, 60]], np.float32)


def objects(count: int = 3) -> Detections:
    names = np.array(["one", "two", "three"][:count])
    found = Detections(
        BOXES[:count], np.array([0.9, 0.5, 0.4][:count], np.float32), np.array([1, 0, 1][:count]), ("cat", "dog"),
        data={"detection_id": names, "plate": np.array(["a", "b", "c"][:count])}, track_id=np.arange(7, 7 + count),
    )  # fmt: skip
    return found.on(IMAGE)


def around(dense: Any) -> list[list[int]]:
    """The box around each mask's pixels, end-exclusive."""
    places = [np.nonzero(mask) for mask in dense]
    return [[x.min(), y.min(), x.max() + 1, y.max() + 1] for y, x in places]


@pytest.mark.parametrize("version", ["hiera_tiny", "sam2.1-hiera-tiny"])
def test_masks_are_the_models(version: str) -> None:
    values = {"images": IMAGE, "boxes": objects()}
    found = run_step("segment_anything", values, services(NAME, FAMILY), version=version)["predictions"]
    (wanted,) = by_hand(NAME, FAMILY).predict([IMAGE], [BOXES])
    dense = wanted.dense()
    assert dense.any(axis=(1, 2)).all()
    np.testing.assert_array_equal(found.masks.dense(), dense)
    np.testing.assert_array_equal(found.xyxy, around(dense))


def test_what_a_box_is_goes_along() -> None:
    found = run_step("segment_anything", {"images": IMAGE, "boxes": objects()}, services(NAME, FAMILY))["predictions"]
    assert found.names == ["dog", "cat", "dog"]
    assert found.confidence.tolist() == pytest.approx([0.9, 0.5, 0.4])
    assert found.track_id.tolist() == [7, 8, 9]
    assert found.data["plate"].tolist() == ["a", "b", "c"]
    assert found.size_hw == (60, 90)


def test_no_boxes_no_objects() -> None:
    values = {"images": IMAGE, "boxes": objects(0)}
    found = run_step("roboflow_core/segment_anything@v1", values, services(NAME, FAMILY))["predictions"]
    assert (len(found), found.classes, len(found.masks)) == (0, ("cat", "dog"), 0)


def test_the_whole_image_where_no_boxes_are_connected() -> None:
    found = run_step("segment_anything", {"images": IMAGE}, services(NAME, FAMILY))["predictions"]
    (wanted,) = by_hand(NAME, FAMILY).predict([IMAGE], [np.array([[0, 0, 90, 60]], np.float32)])
    np.testing.assert_array_equal(found.masks.dense(), wanted.dense())


def test_a_definition_of_the_other_system_runs() -> None:
    fields = {"version": "hiera_tiny", "threshold": 0.0, "multimask_output": True}
    found = run_step("segment_anything", {"images": IMAGE, "boxes": objects()}, services(NAME, FAMILY), **fields)
    assert len(found["predictions"]) == 3


def test_a_model_that_does_not_outline() -> None:
    with pytest.raises(Mismatch, match="'segment'"):
        run_step("segment_anything", {"images": IMAGE, "boxes": objects()}, services(), version="nanodet-g")
