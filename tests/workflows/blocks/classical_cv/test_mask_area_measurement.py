import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Detections, Masks

RING = np.zeros((20, 20), bool)
RING[2:12, 2:12] = True
RING[4:8, 4:8] = False


def found(masks: Masks | None = None) -> Detections:
    xyxy = np.array([[2, 2, 12, 12], [0, 0, 4.5, 2]], np.float32)
    return Detections(
        xyxy, np.ones(2, np.float32), np.zeros(2, np.int64), ("thing",), masks, data={"seen": np.array([1, 2])}
    )


def test_pixels_of_a_mask_holes_left_out_else_of_the_box() -> None:
    masks = Masks.from_dense(np.stack([RING, np.zeros_like(RING)]))
    made = run_step("mask_area_measurement", {"predictions": found(masks)}, pixels_per_unit=2)["predictions"]
    assert made.data["area_px"].tolist() == [100 - 16, 9]
    assert made.data["area_converted"].tolist() == [21, 2.25]
    assert made.data["seen"].tolist() == [1, 2]


def test_boxes_only_and_nothing() -> None:
    made = run_step("mask_area_measurement", {"predictions": found()})["predictions"]
    assert made.data["area_px"].tolist() == made.data["area_converted"].tolist() == [100, 9]
    empty = run_step("mask_area_measurement", {"predictions": Detections.empty(("thing",))})["predictions"]
    assert empty.classes == ("thing",)
    assert empty.data["area_px"].tolist() == []


def test_a_unit_has_pixels() -> None:
    with pytest.raises(InvalidWorkflow, match=r"pixels_per_unit.*greater than 0"):
        run_step("mask_area_measurement", {"predictions": found()}, pixels_per_unit=0)
