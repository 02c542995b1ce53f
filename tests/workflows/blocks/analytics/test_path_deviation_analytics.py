import pytest
from tests.workflows.following import around, frame, tracked
from tests.workflows.running import Step, run_step

from ocella.errors import InvalidValue
from ocella.types import Detections
from ocella.workflows.compile import compile_workflow

PATH = [[0, 0], [10, 0], [20, 0]]


def test_along_the_path_at_a_distance() -> None:
    with Step("path_deviation_analytics", reference_path=PATH) as step:
        outs = [
            step.run(image=frame(i), detections=tracked({4: around(10 * i, 3)}))["path_deviation_detections"]
            for i in range(3)
        ]
    found = [out.data["path_deviation"][0] for out in outs]
    # until it arrives, the leash reaches to the end of the path
    assert found == [pytest.approx((20**2 + 3**2) ** 0.5), pytest.approx((10**2 + 3**2) ** 0.5), pytest.approx(3)]


def test_the_way_back_counts() -> None:
    with Step("path_deviation_analytics", reference_path=PATH) as step:
        for i, x in enumerate((0, 10, 20, 10, 0)):
            out = step.run(image=frame(i), detections=tracked({4: around(x, 0)}))["path_deviation_detections"]
    assert out.data["path_deviation"].tolist() == [20]


@pytest.mark.parametrize(("anchor", "wanted"), [("CENTER", 0), ("BOTTOM_CENTER", 5), ("BOTTOM_RIGHT", 50**0.5)])
def test_anchors(anchor: str, wanted: float) -> None:
    with Step("path_deviation_analytics", reference_path=PATH, triggering_anchor=anchor) as step:
        for i in range(3):
            out = step.run(image=frame(i), detections=tracked({4: around(10 * i, 0)}))["path_deviation_detections"]
    assert out.data["path_deviation"] == pytest.approx([wanted])


def test_each_track_and_video_alone() -> None:
    with Step("path_deviation_analytics", reference_path=PATH[:2]) as step:
        step.run(image=frame(0, source="a"), detections=tracked({1: around(0, 90)}))
        b = step.run(image=frame(0, source="b"), detections=tracked({1: around(10, 0)}))
        a = step.run(image=frame(1, source="a"), detections=tracked({2: around(10, 0), 1: around(10, 0)}))
    assert b["path_deviation_detections"].data["path_deviation"].tolist() == [10]
    assert a["path_deviation_detections"].data["path_deviation"].tolist() == [10, 90]


def test_nothing_found() -> None:
    found = Detections.empty(("car",))
    out = run_step("path_deviation_analytics", {"image": frame(0), "detections": found}, reference_path=PATH)
    assert out["path_deviation_detections"].data["path_deviation"].tolist() == []
    assert out["path_deviation_detections"].classes == ("car",)


def test_a_path_needs_two_points() -> None:
    values = {"image": frame(0), "detections": tracked({})}
    with pytest.raises(InvalidValue, match=r"reference_path must be at least 2 points \[x, y\], got \[\[1, 2\]\]"):
        run_step("path_deviation_analytics", values, reference_path=[[1, 2]])


def test_the_first_version() -> None:
    definition = {
        "inputs": [
            {"type": "WorkflowVideoMetadata", "name": "video_metadata"},
            {"type": "WorkflowBatchInput", "name": "found", "kind": ["object_detection_prediction"]},
        ],
        "steps": [
            {
                "type": "roboflow_core/path_deviation_analytics@v1",
                "name": "stray",
                "metadata": "$inputs.video_metadata",
                "detections": "$inputs.found",
                "reference_path": PATH,
            }
        ],
        "outputs": [{"type": "JsonField", "name": "far", "selector": "$steps.stray.path_deviation_detections"}],
    }
    (step,) = compile_workflow(definition).steps
    assert set(step.bindings) == {"image", "detections"}
