from typing import Any

import numpy as np
import pytest
from tests.workflows.following import tracked
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Detections

FOUND = tracked({1: [10, 20, 30, 40], 2: [0, 0, 100, 80]}).replace(size_hw=(80, 100))


@pytest.mark.parametrize(
    ("width", "height", "units", "wanted"),
    [
        (10, 20, "Pixels", [[5, 10, 35, 50], [0, 0, 100, 80]]),
        (5, 3, "Pixels", [[8, 19, 32, 41], [0, 0, 100, 80]]),  # half of it, rounded down, on each side
        (50, 50, "Pixels", [[0, 0, 55, 65], [0, 0, 100, 80]]),
        (10, 25, "Percent (%)", [[9, 18, 31, 42], [0, 0, 100, 80]]),  # x
        (0, 0, "Pixels", [[10, 20, 30, 40], [0, 0, 100, 80]]),
    ],
)
def test_wider_within_the_image(width: int, height: int, units: str, wanted: list[list[float]]) -> None:
    fields: dict[str, Any] = {"offset_width": width, "offset_height": height, "units": units}
    out = run_step("detection_offset", {"predictions": FOUND}, **fields)["predictions"]
    assert out.xyxy.tolist() == wanted
    assert out.track_id.tolist() == [1, 2]


def test_other_names_of_type_and_fields() -> None:
    old = run_step("DetectionOffset", {"predictions": FOUND}, offset_x=10, offset_y=20)["predictions"]
    new = run_step("detection_offset", {"predictions": FOUND}, offset_width=10, offset_height=20)["predictions"]
    assert old == new


def test_an_image_of_unknown_size() -> None:
    found = FOUND.replace(size_hw=None)
    out = run_step("detection_offset", {"predictions": found}, offset_width=10, offset_height=4)["predictions"]
    assert out.xyxy.tolist() == [[5, 18, 35, 42], [0, 0, 105, 82]]
    fields: dict[str, Any] = {"offset_width": 10, "offset_height": 20, "units": "Percent (%)"}
    out = run_step("detection_offset", {"predictions": found}, **fields)["predictions"]
    assert out.xyxy.tolist() == [[9, 18, 31, 42], [0, 0, 105, 88]]


def test_the_old_object_is_the_parent() -> None:
    found = FOUND.replace(data={"detection_id": np.array(["a", "b"]), "note": np.array([1, 2])})
    out = run_step("detection_offset", {"predictions": found}, offset_width=2, offset_height=2)["predictions"]
    assert {name: column.tolist() for name, column in out.data.items()} == {"note": [1, 2], "parent_id": ["a", "b"]}


def test_nothing_and_a_wrong_field() -> None:
    empty = Detections.empty(("car",))
    assert run_step("detection_offset", {"predictions": empty}, offset_width=2, offset_height=2)["predictions"] == empty
    with pytest.raises(InvalidWorkflow, match=r"offset_width.*greater than or equal to 0"):
        run_step("detection_offset", {"predictions": FOUND}, offset_width=-2, offset_height=2)
