from typing import Any

import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Detections

Thing = tuple[str, list[float]]

CLASSES = ("car", "person", "card")


def found(*objects: Thing) -> Detections:
    n = len(objects)
    xyxy = np.array([box for _, box in objects], np.float32).reshape(-1, 4)
    return Detections(xyxy, np.ones(n, np.float32), np.array([CLASSES.index(c) for c, _ in objects], np.int64), CLASSES)


def distance(predictions: Detections, **fields: Any) -> tuple[Any, Any]:
    base = {
        "object_1_class_name": "car",
        "object_2_class_name": "person",
        "reference_axis": "horizontal",
        "calibration_method": "pixel to centimeter",
    }
    made = run_step("distance_measurement", {"predictions": predictions}, **base | fields)
    return made["distance_cm"], made["distance_pixel"]


CAR: Thing = ("car", [0.4, 0, 40, 30])
PERSON: Thing = ("person", [100, 50, 120, 90])


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"pixel_ratio": 4}, (15, 60)),
        ({"pixel_ratio": 4, "reference_axis": "vertical"}, (5, 20)),
        ({"object_1_class_name": "person", "object_2_class_name": "car"}, (0.6, 60)),
    ],
)
def test_gap_by_pixels_a_centimetre(fields: dict[str, Any], wanted: tuple[float, int]) -> None:
    assert distance(found(CAR, PERSON), **fields) == wanted


def test_by_a_reference_object() -> None:
    card: Thing = ("card", [200, 200, 220, 230])  # 20 x 30 pixels are 5 x 3 cm: 4 and 10, 7 on the mean
    fields = {
        "calibration_method": "reference object",
        "reference_object_class_name": "card",
        "reference_width": 5,
        "reference_height": 3,
    }
    assert distance(found(CAR, PERSON, card), **fields) == (pytest.approx(60 / 7), 60)
    assert distance(found(CAR, PERSON), **fields) == (None, 60)


def test_overlap_on_the_axis_is_no_distance() -> None:
    assert distance(found(CAR, ("person", [30, 50, 60, 90]))) == (0, 0)


@pytest.mark.parametrize("objects", [[], [CAR], [PERSON]])
def test_without_both_objects_there_is_none(objects: list[Any]) -> None:
    assert distance(found(*objects)) == (None, None)


def test_two_of_one_class() -> None:
    pair = found(CAR, ("car", [50, 0, 60, 10]), ("car", [90, 0, 95, 9]))
    assert distance(pair, object_2_class_name="car")[1] == 10


def test_limits() -> None:
    with pytest.raises(InvalidWorkflow, match=r"pixel_ratio.*greater than 0"):
        distance(found(), pixel_ratio=0)
