import pytest
from tests.workflows.following import tracked
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Detections


def test_one_box_around_all() -> None:
    found = tracked({1: [10, 20, 30, 40], 2: [5, 30, 20, 90], 3: [12, 22, 13, 23]})
    found = found.replace(confidence=[0.9, 0.4, 0.7], size_hw=(100, 200))
    out = run_step("roboflow_core/detections_merge@v1", {"predictions": found})["predictions"]
    assert out.xyxy.tolist() == [[5, 20, 30, 90]]
    assert out.confidence == pytest.approx([0.4])
    assert out.names == ["merged_detection"]
    assert (out.size_hw, out.track_id, out.masks) == ((100, 200), None, None)


@pytest.mark.parametrize("found", [Detections.empty(("car",)), tracked({})])
def test_nothing(found: Detections) -> None:
    out = run_step("detections_merge", {"predictions": found}, class_name="crowd")["predictions"]
    assert (len(out), out.classes) == (0, ("crowd",))


def test_a_wrong_field() -> None:
    with pytest.raises(InvalidWorkflow, match=r"class_name.*string"):
        run_step("detections_merge", {"predictions": tracked({})}, class_name=["a"])
