from typing import Any

import cv2
import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidValue
from ocella.types import Detections, Masks


def boxes(*rows: tuple[list[float], float], masks: Masks | None = None) -> Detections:
    n = len(rows)
    xyxy = np.array([box for box, _ in rows], np.float32).reshape(-1, 4)
    return Detections(xyxy, np.array([c for _, c in rows], np.float32), np.zeros(n, np.int64), ("box",), masks)


CARD = boxes(([0, 0, 10, 10], 0.4), ([100, 100, 150, 130], 0.9))
PARCELS = boxes(([0, 0, 100, 60], 0.8), ([0, 0, 25, 90], 0.8))
WANTED = [
    {"width": 10, "height": 6, "longer": 10, "shorter": 6},
    {"width": 2.5, "height": 9, "longer": 9, "shorter": 2.5},
]


@pytest.mark.parametrize("dimensions", ["5.0,3.0", " 5 , 3 ", [5, 3]])
def test_boxes_by_the_most_confident_reference(dimensions: Any) -> None:
    values = {"object_predictions": PARCELS, "reference_predictions": CARD}
    assert run_step("size_measurement", values, reference_dimensions=dimensions)["dimensions"] == WANTED


def test_by_a_polygon() -> None:
    fields: dict[str, Any] = {
        "reference_predictions": [[0, 0], [50, 0], [50, 30], [0, 30]],
        "reference_dimensions": [5, 3],
    }
    assert run_step("size_measurement", {"object_predictions": PARCELS}, **fields)["dimensions"] == WANTED


def test_a_turned_mask_is_measured_along_its_sides() -> None:
    canvas = np.zeros((200, 200), np.uint8)
    corners = cv2.boxPoints(((100, 100), (120, 40), 20))
    cv2.fillPoly(canvas, [corners.astype(np.int32)], 1)
    masks = Masks.from_dense(np.stack([canvas, canvas * 0]) > 0)
    turned = boxes(([30, 50, 170, 150], 0.9), ([0, 0, 9, 9], 0.5), masks=masks)
    values = {"object_predictions": turned, "reference_predictions": boxes(([0, 0, 10, 10], 1))}
    first, second = run_step("size_measurement", values, reference_dimensions="10,10")["dimensions"]
    assert (first["width"], first["height"]) == (pytest.approx(120, abs=2), pytest.approx(40, abs=2))
    assert second is None


def test_without_a_reference_or_objects() -> None:
    values = {"object_predictions": PARCELS, "reference_predictions": boxes()}
    assert run_step("size_measurement", values, reference_dimensions="1,1") is None
    values = {"object_predictions": boxes(), "reference_predictions": CARD}
    assert run_step("size_measurement", values, reference_dimensions="1,1")["dimensions"] == []


@pytest.mark.parametrize("dimensions", ["5", "5,3,1", "wide,high", "0,4", [1]])
def test_wrong_dimensions(dimensions: Any) -> None:
    values = {"object_predictions": PARCELS, "reference_predictions": CARD}
    with pytest.raises(InvalidValue, match="reference_dimensions must be like"):
        run_step("size_measurement", values, reference_dimensions=dimensions)
