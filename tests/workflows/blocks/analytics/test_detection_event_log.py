from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from tests.workflows.following import BLACK, around, frame, tracked
from tests.workflows.running import Step, run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Detections, Image, Moment
from ocella.workflows.services import Services


def shot(index: int, source: str = "cam") -> Image:
    return Image(BLACK, moment=Moment(source, index, 5 + index / 4, 4, taken_at=1000 + index / 4))


def objects(*tracks: int) -> Detections:
    return tracked({t: around(10 * t, 10) for t in tracks}, ["person"] * len(tracks))


def test_from_pending_to_logged_to_complete() -> None:
    with Step("detection_event_log", frame_threshold=2, flush_interval=3, stale_frames=2) as step:
        outs = [
            step.run(image=shot(i), detections=found)
            for i, found in enumerate(
                [objects(1), objects(1, 2), objects(1), objects(), objects(), objects(), objects(3)]
            )
        ]
    assert [(out["total_logged"], out["total_pending"]) for out in outs] == [
        (0, 1),
        (1, 1),
        (1, 1),
        (1, 1),
        (1, 1),
        (1, 1),
        (0, 1),
    ]
    assert outs[2]["event_log"]["logged"] == {
        "1": {
            "tracker_id": 1,
            "class_name": "person",
            "first_seen_frame": 1,
            "first_seen_timestamp": 1000,
            "last_seen_frame": 3,
            "last_seen_timestamp": 1000.5,
            "first_seen_relative": 0,
            "last_seen_relative": 0.5,
            "frame_count": 3,
        }
    }
    assert list(outs[2]["event_log"]["pending"]) == ["2"]
    # frame 7 is the first clean-up after both had been unseen for more than 2 frames; only the logged one comes out
    assert [list(out["complete_events"]) for out in outs] == [[], [], [], [], [], [], ["1"]]
    assert outs[6]["complete_events"]["1"] == outs[2]["event_log"]["logged"]["1"]


def test_objects_go_through() -> None:
    found = objects(4, 5)
    assert run_step("detection_event_log", {"image": shot(0), "detections": found})["detections"] == found


def test_pictures_without_a_time() -> None:
    services = Services(now=lambda: datetime(2026, 1, 1, tzinfo=UTC))
    with Step("detection_event_log", services, frame_threshold=1, fallback_fps=2) as step:
        for _ in range(4):
            out = step.run(image=Image(np.zeros((4, 4, 3), np.uint8)), detections=objects(1))
    event = out["event_log"]["logged"]["1"]
    assert event["first_seen_timestamp"] == datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    assert (event["first_seen_relative"], event["last_seen_relative"]) == (0, 1.5)


def test_each_video_alone() -> None:
    with Step("detection_event_log", frame_threshold=2) as step:
        step.run(image=shot(0, "a"), detections=objects(1))
        out = step.run(image=shot(0, "b"), detections=objects(1))
    assert (out["total_logged"], out["total_pending"]) == (0, 1)


def test_nothing_found() -> None:
    out = run_step("detection_event_log", {"image": frame(0), "detections": Detections.empty(("car",))})
    assert out["event_log"] == {"logged": {}, "pending": {}}
    assert out["complete_events"] == {}


def test_memory_stays_flat_over_days() -> None:
    with Step("detection_event_log", frame_threshold=1, flush_interval=5, stale_frames=10) as step:
        for i in range(100):
            out = step.run(image=shot(i), detections=objects(i))
    assert out["total_logged"] <= 16


@pytest.mark.parametrize("field", ["frame_threshold", "flush_interval", "stale_frames", "fallback_fps"])
def test_wrong_fields(field: str) -> None:
    fields: dict[str, Any] = {field: 0}
    with pytest.raises(InvalidWorkflow, match=rf"{field}.*greater than"):
        run_step("detection_event_log", {"image": frame(0), "detections": objects()}, **fields)
