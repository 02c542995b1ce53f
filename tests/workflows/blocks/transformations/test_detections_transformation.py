from typing import Any

import pytest
from tests.workflows.following import tracked
from tests.workflows.running import run_step

from ocella.errors import InvalidValue, InvalidWorkflow
from ocella.types import Detections

FOUND = tracked({1: [10, 20, 30, 40], 2: [50, 50, 60, 80]}, ["car", "person"]).replace(size_hw=(100, 100))


def changed(name: str, *operations: dict[str, Any]) -> Detections:
    found: Detections = run_step(name, {"predictions": FOUND}, operations=list(operations))["predictions"]
    return found


@pytest.mark.parametrize("name", ["roboflow_core/detections_transformation@v1", "DetectionsTransformation"])
def test_moved(name: str) -> None:
    out = changed(name, {"type": "DetectionsShift", "shift_x": 5, "shift_y": -10})
    assert out.xyxy.tolist() == [[15, 10, 35, 30], [55, 40, 65, 70]]


def test_one_after_the_other() -> None:
    out = changed(
        "detections_transformation",
        {"type": "SortDetections", "mode": "size", "ascending": True},
        {"type": "DetectionsSelection", "mode": "first"},
        {"type": "DetectionsRename", "class_map": {"person": "human"}, "strict": True},
    )
    assert (out.track_id.tolist() if out.track_id is not None else None, out.names) == ([2], ["human"])


def test_nothing() -> None:
    empty = Detections.empty(("car",))
    shift = [{"type": "DetectionsShift", "shift_x": 5, "shift_y": 5}]
    assert run_step("detections_transformation", {"predictions": empty}, operations=shift)["predictions"] == empty


def test_wrong_results_and_fields() -> None:
    extract = {"type": "DetectionsPropertyExtract", "property_name": "class_name"}
    with pytest.raises(InvalidValue, match="operations must end with objects, got list"):
        changed("detections_transformation", extract)
    with pytest.raises(InvalidWorkflow, match="shift_y"):
        changed("detections_transformation", {"type": "DetectionsShift", "shift_x": 5})
