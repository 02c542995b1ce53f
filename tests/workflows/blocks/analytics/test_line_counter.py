from typing import Any

import numpy as np
import pytest
from tests.workflows.following import around, frame, tracked
from tests.workflows.running import Step, run_step

from ocella.errors import InvalidValue, InvalidWorkflow
from ocella.types import Detections
from ocella.workflows.compile import compile_workflow

LINE = [[0, 50], [100, 50]]


def counts(path: list[tuple[float, float]], **fields: Any) -> list[tuple[int, int]]:
    """Counts in and out after each place of one object."""
    with Step("line_counter", line_segment=LINE, **fields) as step:
        outs = [step.run(image=frame(i), detections=tracked({1: around(*p)})) for i, p in enumerate(path)]
    return [(out["count_in"], out["count_out"]) for out in outs]


@pytest.mark.parametrize(
    ("path", "last"),
    [
        ([(50, 80), (50, 20)], (1, 0)),  # up, to the left of the line's direction
        ([(50, 20), (50, 80)], (0, 1)),
        ([(50, 80), (50, 52), (50, 48), (50, 20)], (1, 0)),  # slowly across
        ([(50, 80), (50, 52), (50, 80)], (0, 0)),  # touches and goes back
        ([(50, 80), (50, 20), (50, 80), (50, 20)], (2, 1)),
        ([(50, 20), (50, 20), (50, 20)], (0, 0)),
        ([(150, 80), (150, 20)], (0, 0)),  # past the end of the line
        ([(97, 80), (97, 20)], (0, 0)),  # a corner is past the end
    ],
)
def test_all_four_corners(path: list[tuple[float, float]], last: tuple[int, int]) -> None:
    assert counts(path)[-1] == last


@pytest.mark.parametrize(
    ("anchor", "when"), [("CENTER", 3), ("TOP_CENTER", 2), ("BOTTOM_CENTER", 4), ("BOTTOM_LEFT", 4)]
)
def test_one_anchor(anchor: str, when: int) -> None:
    path = [(50.0, 70.0), (50.0, 57.0), (50.0, 53.0), (50.0, 49.0), (50.0, 44.0), (50.0, 30.0)]
    found = counts(path, triggering_anchor=anchor)
    assert [n for n, _ in found] == [0] * when + [1] * (6 - when)


def test_as_supervision_over_many_walks() -> None:
    sv = pytest.importorskip("supervision")
    random = np.random.default_rng(7)
    places = np.cumsum(random.normal(0, 9, (60, 12, 2)), axis=0) + 50
    line = [[20, 30], [80, 70]]
    for anchor in (None, "CENTER", "BOTTOM_CENTER"):
        more = {} if anchor is None else {"triggering_anchors": [sv.Position(anchor)]}
        zone = sv.LineZone(start=sv.Point(*line[0]), end=sv.Point(*line[1]), **more)
        with Step("line_counter", line_segment=line, triggering_anchor=anchor) as step:
            for i, now in enumerate(places):
                found = tracked({track: around(p[0], p[1], 4) for track, p in enumerate(now)})
                went_in, went_out = zone.trigger(found.to_supervision())
                out = step.run(image=frame(i), detections=found)
                assert (out["count_in"], out["count_out"]) == (zone.in_count, zone.out_count)
                assert out["detections_in"].track_id.tolist() == np.flatnonzero(went_in).tolist()
                assert out["detections_out"].track_id.tolist() == np.flatnonzero(went_out).tolist()
        assert zone.in_count > 5


def test_videos_and_tracks_apart() -> None:
    with Step("line_counter", line_segment=LINE) as step:
        for i, y in enumerate((80, 20)):
            a = step.run(image=frame(i, source="a"), detections=tracked({1: around(30, y), 2: around(70, 100 - y)}))
            b = step.run(image=frame(i, source="b"), detections=tracked({1: around(30, 20)}))
    assert (a["count_in"], a["count_out"]) == (1, 1)
    assert a["detections_in"].track_id.tolist() == [1]
    assert (b["count_in"], b["count_out"]) == (0, 0)


def test_nothing_found_keeps_the_counts() -> None:
    with Step("line_counter", line_segment=LINE) as step:
        step.run(image=frame(0), detections=tracked({1: around(50, 80)}))
        step.run(image=frame(1), detections=tracked({1: around(50, 20)}))
        out = step.run(image=frame(2), detections=Detections.empty(("car",)))
    assert (out["count_in"], out["count_out"], len(out["detections_in"])) == (1, 0, 0)
    assert out["detections_in"].classes == ("car",)


def test_a_moved_line_starts_sides_anew_and_keeps_counts() -> None:
    with Step("line_counter") as step:
        for i, (line, y) in enumerate([(LINE, 80), (LINE, 20), ([[0, 10], [100, 10]], 20), ([[0, 10], [100, 10]], 2)]):
            out = step.run(image=frame(i), detections=tracked({1: around(50, y, half=1)}), line_segment=line)
    assert (out["count_in"], out["count_out"]) == (2, 0)


def test_the_first_version_counts_by_the_centre() -> None:
    definition = {
        "inputs": [
            {"type": "WorkflowVideoMetadata", "name": "video_metadata"},
            {"type": "WorkflowBatchInput", "name": "found", "kind": ["object_detection_prediction"]},
        ],
        "steps": [
            {
                "type": "roboflow_core/line_counter@v1",
                "name": "count",
                "metadata": "$inputs.video_metadata",
                "detections": "$inputs.found",
                "line_segment": LINE,
            }
        ],
        "outputs": [{"type": "JsonField", "name": "in", "selector": "$steps.count.count_in"}],
    }
    (step,) = compile_workflow(definition).steps
    assert step.block.type == "line_counter@v2"
    assert step.constants["triggering_anchor"] == "CENTER"


@pytest.mark.parametrize("line", [[[0, 0]], [[0, 0], [1, 1], [2, 2]], [[5, 5], [5, 5]], [[0, 0], [1, "b"]]])
def test_no_line(line: list[Any]) -> None:
    with pytest.raises(InvalidValue, match=r"line_segment must be (2|two different) points"):
        run_step("line_counter", {"image": frame(0), "detections": tracked({})}, line_segment=line)


def test_no_tracks_and_no_such_anchor() -> None:
    found = tracked({1: around(5, 5)})
    with pytest.raises(InvalidValue, match="line_counter expected tracked objects"):
        run_step("line_counter", {"image": frame(0), "detections": found.replace(track_id=None)}, line_segment=LINE)
    fields: dict[str, Any] = {"line_segment": LINE, "triggering_anchor": "MIDDLE"}
    with pytest.raises(InvalidWorkflow, match=r"triggering_anchor.*'CENTER'"):
        run_step("line_counter", {"image": frame(0), "detections": found}, **fields)
