import numpy as np
from tests.workflows.running import Many, run_step

from ocella.types import Detections


def test_values_of_the_deepest_level_become_one_list() -> None:
    assert run_step("DimensionCollapse", {"data": Many([3, 1, 2])})["output"] == [3, 1, 2]


def test_nothing_below_is_an_empty_list() -> None:
    assert run_step("dimension_collapse", {"data": Many([])})["output"] == []


def test_values_stay_the_same_objects() -> None:
    found = Detections.empty(("cat",)), np.zeros(3)
    out = run_step("roboflow_core/dimension_collapse@v1", {"data": Many(found)})["output"]
    assert all(a is b for a, b in zip(out, found, strict=True))
