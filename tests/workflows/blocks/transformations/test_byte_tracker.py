from typing import Any

import numpy as np
import pytest
from tests.workflows.following import frame
from tests.workflows.tracking.scenes import SCENES, followed, of_rows, reported

from ocella.types import Moment
from ocella.workflows.compile import compile_workflow
from ocella.workflows.run import Session


@pytest.mark.parametrize("scene", [0])
def test_as_the_published_tracker(scene: int) -> None:
    theirs = reported("first byte", scene)
    found = followed("roboflow_core/byte_tracker@v3", scene)
    assert [len(ids) for ids in found] == pytest.approx([len(ids) for ids in theirs], abs=1)
    assert found[0] == theirs[0] == list(range(1, len(found[0]) + 1))
    alike = [dict(zip(theirs[i], found[i], strict=True)) for i in range(len(found)) if len(theirs[i]) == len(found[i])]
    names: dict[int, int] = {}
    for pairs in alike:
        for their, our in pairs.items():
            assert names.setdefault(their, our) == our


def test_a_box_may_move_far_as_long_as_it_overlaps() -> None:
    rows = np.array([[0, 0, 40, 40, 0.95]], np.float32)
    far = rows + np.array([[26, 0, 26, 0, 0]], np.float32)  # overlap 14 / 66 = 0.21
    session = Session(compile_workflow(definition({"type": "byte_tracker@v3", "image": "$inputs.image"})))
    ids = [session.run(inputs(i, found))[0]["tracked"].track_id.tolist() for i, found in enumerate([rows, rows, far])]
    assert ids == [[1], [1], [1]]


@pytest.mark.parametrize(
    "step",
    [
        {"type": "roboflow_core/byte_tracker@v1", "metadata": "$inputs.video_metadata"},
        {"type": "ByteTracker", "metadata": "$inputs.video_metadata", "frame_rate": 30},
        {"type": "roboflow_core/byte_tracker@v2", "image": "$inputs.image"},
    ],
)
def test_older_versions(step: dict[str, Any]) -> None:
    now = Session(compile_workflow(definition({"type": "byte_tracker@v3", "image": "$inputs.image"})))
    old = Session(compile_workflow(definition(step)))
    for i, rows in enumerate(SCENES[0][:12]):
        assert old.run(inputs(i, rows))[0] == now.run(inputs(i, rows))[0]


def test_the_first_name_of_its_objects() -> None:
    step = definition({"type": "ByteTracker", "metadata": "$inputs.video_metadata"})
    step["steps"][0]["predictions"] = step["steps"][0].pop("detections")
    assert [s.block.type for s in compile_workflow(step).steps] == ["byte_tracker@v3"]


def definition(step: dict[str, Any]) -> dict[str, Any]:
    return {
        "inputs": [
            {"type": "WorkflowImage", "name": "image"},
            {"type": "WorkflowBatchInput", "name": "video_metadata", "kind": ["video_metadata"]},
            {"type": "WorkflowBatchInput", "name": "found", "kind": ["object_detection_prediction"]},
        ],
        "steps": [{"name": "track", "detections": "$inputs.found", **step}],
        "outputs": [
            {
                "type": "JsonField",
                "name": "tracked",
                "selector": "$steps.track.tracked_detections",
                "coordinates_system": "own",
            }
        ],
    }


def inputs(index: int, rows: np.ndarray) -> dict[str, Any]:
    moment = Moment("cam", index, index / 30, 30)
    return {"image": frame(index, 30), "video_metadata": moment, "found": of_rows(rows)}
