from typing import Any

import numpy as np
import pytest
from tests.workflows.following import frame
from tests.workflows.running import Step, run_step
from tests.workflows.tracking.scenes import of_rows

from ocella.errors import InvalidWorkflow
from ocella.types import Detections, Image, Masks

FAMILIES = ["trackers_sort", "trackers_bytetrack", "trackers_ocsort", "trackers_botsort", "byte_tracker"]


def walk(x: float, confidence: float = 0.9) -> Detections:
    """One object at x."""
    return of_rows(np.array([[x, 20, x + 40, 60, confidence]], np.float32))


@pytest.mark.parametrize("family", FAMILIES)
def test_an_id_is_new_once(family: str) -> None:
    with Step(family) as step:
        outs = [step.run(image=frame(i, 30), detections=walk(2 * i)) for i in range(12)]
    new = [len(out["new_instances"]) for out in outs]
    seen = [len(out["already_seen_instances"]) for out in outs]
    assert sum(new) == 1
    first = new.index(1)
    assert seen == [0] * (first + 1) + [1] * (11 - first)
    assert {t for out in outs for t in out["tracked_detections"].track_id.tolist()} == {
        outs[-1]["tracked_detections"].track_id[0]
    }


@pytest.mark.parametrize("family", FAMILIES)
def test_each_video_has_its_own_tracker(family: str) -> None:
    with Step(family) as step:
        for i in range(6):
            both = [step.run(image=frame(i, 30, source=s), detections=walk(2 * i)) for s in ("a", "b")]
    a, b = (out["tracked_detections"].track_id.tolist() for out in both)
    assert a == b
    assert len(a) == 1


@pytest.mark.parametrize("family", FAMILIES)
def test_what_objects_carry_stays(family: str) -> None:
    mask = np.zeros((1, 90, 120), bool)
    mask[0, 20:60, 5:40] = True
    found = walk(3).replace(masks=Masks.from_dense(mask), data={"code": np.array(["x7"])})
    with Step(family) as step:
        for i in range(5):
            out = step.run(image=frame(i, 30), detections=found)["tracked_detections"]
    assert out == found.replace(track_id=out.track_id)


@pytest.mark.parametrize("family", FAMILIES)
def test_nothing_found_keeps_the_classes(family: str) -> None:
    empty = Detections.empty(("cat", "dog"))
    with Step(family) as step:
        for i in range(3):
            outs = step.run(image=frame(i), detections=empty)
    assert list(outs) == ["tracked_detections", "new_instances", "already_seen_instances"]
    for out in outs.values():
        assert len(out) == 0
        assert out.classes == ("cat", "dog")
        assert out.track_id.tolist() == []


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(("fps", "missing", "stays"), [(30, 4, True), (30, 8, False), (60, 8, True), (60, 14, False)])
def test_the_buffer_counts_frames_at_30_a_second(*, family: str, fps: int, missing: int, stays: bool) -> None:
    fields: dict[str, Any] = {"lost_track_buffer": 5}
    with Step(family, **fields) as step:
        for i in range(6):
            before = step.run(image=frame(i, fps), detections=walk(5))["tracked_detections"].track_id.tolist()
        for i in range(6, 6 + missing):
            step.run(image=frame(i, fps), detections=Detections.empty(("box",)))
        for i in range(6 + missing, 12 + missing):
            after = step.run(image=frame(i, fps), detections=walk(5))["tracked_detections"].track_id.tolist()
    assert (before == after) == stays


@pytest.mark.parametrize("family", FAMILIES)
def test_time_passes_also_where_frames_were_dropped(family: str) -> None:
    with Step(family, lost_track_buffer=30) as step:
        ids = [
            step.run(image=frame(i * 3, 30), detections=walk(6 * i))["tracked_detections"].track_id.tolist()
            for i in range(10)
        ]
        step.run(image=frame(30, 30), detections=Detections.empty(("box",)))
        late = [
            step.run(image=frame(90 + i, 30), detections=walk(60))["tracked_detections"].track_id.tolist()
            for i in range(6)
        ]
    assert ids[-1] == ids[-2]
    assert late[-1] not in (ids[-1], [])


@pytest.mark.parametrize("family", FAMILIES)
def test_pictures_of_no_video_are_one_video(family: str) -> None:
    image = Image(np.zeros((4, 4, 3), np.uint8))
    with Step(family) as step:
        outs = [step.run(image=image, detections=walk(2 * i))["tracked_detections"] for i in range(6)]
    assert outs[-1].track_id.tolist() == outs[-2].track_id.tolist() != []


def test_the_cache_forgets_the_oldest_ids() -> None:
    rows = np.array([[100 * i, 0, 100 * i + 50, 50, 0.9] for i in range(3)], np.float32)
    with Step("trackers_sort", minimum_consecutive_frames=1, instances_cache_size=2) as step:
        outs = [step.run(image=frame(i, 30), detections=of_rows(rows)) for i in range(4)]
    assert [len(out["new_instances"]) for out in outs] == [0, 3, 3, 3]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"lost_track_buffer": -1}, r"lost_track_buffer.*greater than or equal to 0"),
        ({"minimum_consecutive_frames": 0}, r"minimum_consecutive_frames.*greater than or equal to 1"),
        ({"lost_track_bufer": 5}, "lost_track_buffer"),
    ],
)
def test_wrong_fields(family: str, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidWorkflow, match=message):
        run_step(family, {"image": frame(0), "detections": walk(0)}, **fields)
