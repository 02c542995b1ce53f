from typing import Any

import pytest
from tests.workflows.following import around, frame, tracked
from tests.workflows.running import Step, run_step

from ocella.errors import InvalidValue
from ocella.types import Detections
from ocella.workflows.compile import compile_workflow

LEFT = [[0, 0], [50, 0], [50, 100], [0, 100]]
RIGHT = [[80, 0], [100, 0], [100, 100], [80, 100]]
WALK = [20, 30, 60, 40, 45]  # in, in, out, in, in


def times(walk: list[float], fps: float = 10, **fields: Any) -> list[list[float]]:
    """Times of one object at these x, frame by frame."""
    with Step("time_in_zone", zone=LEFT, **fields) as step:
        outs = [step.run(image=frame(i, fps), detections=tracked({7: around(x, 50)})) for i, x in enumerate(walk)]
    return [out["timed_detections"].data["time_in_zone"].tolist() for out in outs]


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({}, [[0], [0.1], [], [0], [0.1]]),
        ({"remove_out_of_zone_detections": False}, [[0], [0.1], [0], [0], [0.1]]),
        ({"reset_out_of_zone_detections": False}, [[0], [0.1], [], [0.3], [0.4]]),
        (
            {"reset_out_of_zone_detections": False, "remove_out_of_zone_detections": False},
            [[0], [0.1], [0], [0.3], [0.4]],
        ),
        ({"triggering_anchor": "CENTER_RIGHT"}, [[0], [0.1], [], [0], [0.1]]),
        ({"triggering_anchor": "CENTER_LEFT"}, [[0], [0.1], [], [0], [0.1]]),
    ],
)
def test_one_object(fields: dict[str, Any], wanted: list[list[float]]) -> None:
    assert [pytest.approx(w) for w in wanted] == times([float(x) for x in WALK], **fields)


def test_time_is_of_presentation_not_of_frames() -> None:
    seconds = [0.0, 0.5, 4.0, 4.25]
    with Step("time_in_zone", zone=LEFT) as step:
        outs = [
            step.run(image=frame(i, 30, seconds=s), detections=tracked({7: around(20, 50)}))
            for i, s in enumerate(seconds)
        ]
    assert [out["timed_detections"].data["time_in_zone"][0] for out in outs] == seconds


def test_which_is_in_as_supervision() -> None:
    sv = pytest.importorskip("supervision")
    import numpy as np

    polygon = [[10, 10], [90, 30], [60, 95], [35, 40]]
    random = np.random.default_rng(3)
    found = tracked({i: around(*p) for i, p in enumerate(random.integers(0, 100, (80, 2)).tolist())})
    zone = sv.PolygonZone(polygon=np.array(polygon), triggering_anchors=[sv.Position.CENTER])
    wanted = np.flatnonzero(zone.trigger(found.to_supervision())).tolist()
    got = run_step("time_in_zone", {"image": frame(0), "detections": found}, zone=polygon)["timed_detections"]
    # the library draws the zone in pixels, which takes in points up to a pixel outside
    assert set(got.track_id.tolist()) <= set(wanted)
    assert len(wanted) - len(got) <= 3


def test_any_of_several_zones() -> None:
    found = tracked({1: around(20, 50), 2: around(65, 50), 3: around(90, 50)})
    with Step("time_in_zone", zone=[LEFT, RIGHT]) as step:
        step.run(image=frame(0), detections=found)
        out = step.run(image=frame(5), detections=found)["timed_detections"]
    assert out.track_id.tolist() == [1, 3]
    assert out.data["time_in_zone"] == pytest.approx([0.5, 0.5])


def test_from_one_zone_to_the_other_goes_on() -> None:
    with Step("time_in_zone", zone=[LEFT, RIGHT]) as step:
        step.run(image=frame(0), detections=tracked({1: around(20, 50)}))
        out = step.run(image=frame(1), detections=tracked({1: around(90, 50)}))["timed_detections"]
    assert out.data["time_in_zone"] == pytest.approx([0.1])


def test_each_video_alone_and_a_zone_that_moves() -> None:
    with Step("time_in_zone") as step:
        step.run(image=frame(0, source="a"), detections=tracked({1: around(20, 50)}), zone=LEFT)
        b = step.run(image=frame(9, source="b"), detections=tracked({1: around(20, 50)}), zone=LEFT)
        a = step.run(image=frame(9, source="a"), detections=tracked({1: around(90, 50)}), zone=RIGHT)
    assert b["timed_detections"].data["time_in_zone"].tolist() == [0]
    assert a["timed_detections"].data["time_in_zone"] == pytest.approx([0.9])


@pytest.mark.parametrize("zone", [LEFT, []])
def test_nothing(zone: list[Any]) -> None:
    out = run_step("time_in_zone", {"image": frame(0), "detections": Detections.empty(("car",))}, zone=zone)
    assert out["timed_detections"].classes == ("car",)
    assert out["timed_detections"].data["time_in_zone"].tolist() == []


def test_a_wrong_zone() -> None:
    with pytest.raises(InvalidValue, match=r"zone must be at least 3 points \[x, y\], got \[\[0, 0\], \[5, 5\]\]"):
        run_step("time_in_zone", {"image": frame(0), "detections": tracked({})}, zone=[[0, 0], [5, 5]])


@pytest.mark.parametrize(
    ("version", "source"),
    [(1, {"metadata": "$inputs.video_metadata", "image": "$inputs.image"}), (2, {"image": "$inputs.image"})],
)
def test_older_versions(version: int, source: dict[str, str]) -> None:
    definition = {
        "inputs": [
            {"type": "WorkflowVideoMetadata", "name": "video_metadata"},
            {"type": "WorkflowImage", "name": "image"},
            {"type": "WorkflowBatchInput", "name": "found", "kind": ["object_detection_prediction"]},
        ],
        "steps": [
            {
                "type": f"roboflow_core/time_in_zone@v{version}",
                "name": "stay",
                **source,
                "detections": "$inputs.found",
                "zone": LEFT,
            }
        ],
        "outputs": [{"type": "JsonField", "name": "timed", "selector": "$steps.stay.timed_detections"}],
    }
    (step,) = compile_workflow(definition).steps
    assert step.block.type == "time_in_zone@v3"
    assert set(step.bindings) == {"image", "detections"}
