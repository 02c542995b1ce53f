from typing import Any

import pytest
from tests.workflows.following import around, frame, tracked
from tests.workflows.running import Step, run_step

from ocella.errors import InvalidValue, InvalidWorkflow
from ocella.types import Detections

QUICK: dict[str, Any] = {"min_votes": 3, "lead_margin": 1, "switch_after": 2}
Sight = tuple[str, float]


def locks(sights: list[Sight], **fields: Any) -> list[tuple[str, float, bool]]:
    """Class, confidence and lock of one object, frame by frame."""
    with Step("track_class_lock", **{**QUICK, **fields}) as step:
        outs = [
            step.run(image=frame(i), detections=tracked({1: around(50, 50)}, [name], confidence=sure))[
                "tracked_detections"
            ]
            for i, (name, sure) in enumerate(sights)
        ]
    return [(o.names[0], round(float(o.confidence[0]), 4), bool(o.data["class_locked"][0])) for o in outs]


def test_the_majority_holds() -> None:
    sights = [("car", 0.9), ("person", 0.9), ("car", 0.9), ("car", 0.8), ("person", 0.95), ("car", 0.9)]
    assert locks(sights) == [
        ("car", 0.9, False),
        ("person", 0.9, False),
        ("car", 0.9, False),
        ("car", 0.8667, True),  # the mean of the three votes
        ("car", 0.8667, True),
        ("car", 0.8667, True),
    ]


def test_unsure_frames_do_not_vote() -> None:
    assert [lock for *_, lock in locks([("car", 0.79)] * 6)] == [False] * 6
    assert [lock for *_, lock in locks([("car", 0.8)] * 4)] == [False, False, True, True]


def test_the_lead_must_be_clear() -> None:
    turn = [("car", 0.9), ("person", 0.9)] * 3 + [("car", 0.9)] * 2
    assert [lock for *_, lock in locks(turn, lead_margin=2)] == [False] * 7 + [True]


def test_a_challenger_needs_frames_in_a_row() -> None:
    locked = [("car", 0.9)] * 3
    broken = [("person", 0.9), ("car", 0.9), ("person", 0.9), ("person", 0.7), ("person", 0.9)]
    assert [name for name, *_ in locks(locked + broken)] == ["car"] * 8
    in_a_row = [("person", 0.8), ("person", 1.0), ("car", 0.9)]
    assert locks(locked + in_a_row)[-2:] == [("person", 0.9, True), ("person", 0.9, True)]


@pytest.mark.parametrize(
    ("gap", "place", "fields", "inherits"),
    [
        (2, (52, 50), {}, True),
        (2, (80, 50), {}, False),  # somewhere else
        (31, (50, 50), {}, False),
        (31, (50, 50), {"reattach_window": 40}, True),
        (2, (50, 50), {"reattach_window": 0}, False),
        (2, (54, 50), {"reattach_iou": 0.9}, False),
    ],
)
def test_a_new_id_in_the_same_place(
    *, gap: int, place: tuple[float, float], fields: dict[str, Any], inherits: bool
) -> None:
    with Step("track_class_lock", **{**QUICK, **fields}) as step:
        for i in range(3):
            step.run(image=frame(i), detections=tracked({1: around(50, 50)}))
        for i in range(3, 2 + gap):
            step.run(image=frame(i), detections=tracked({}))
        found = tracked({2: around(*place)}, ["person"])
        out = step.run(image=frame(2 + gap), detections=found)["tracked_detections"]
    assert (out.names, out.data["class_locked"].tolist()) == ((["car"], [True]) if inherits else (["person"], [False]))


def test_one_still_there_is_not_inherited() -> None:
    with Step("track_class_lock", **QUICK) as step:
        for i in range(3):
            step.run(image=frame(i), detections=tracked({1: around(50, 50)}))
        both = tracked({2: around(50, 50), 1: around(50, 50)}, ["person", "person"])
        out = step.run(image=frame(3), detections=both)["tracked_detections"]
    assert out.names == ["person", "car"]


def test_a_track_unseen_for_long_is_forgotten() -> None:
    with Step("track_class_lock", **QUICK, state_ttl=4, reattach_window=4) as step:
        for i in range(3):
            step.run(image=frame(i), detections=tracked({1: around(50, 50)}))
        for i in range(3, 8):
            step.run(image=frame(i), detections=tracked({}))
        out = step.run(image=frame(8), detections=tracked({1: around(50, 50)}, ["person"]))["tracked_detections"]
    assert (out.names, out.data["class_locked"].tolist()) == (["person"], [False])


def test_videos_apart_and_classes_that_change() -> None:
    with Step("track_class_lock", **QUICK) as step:
        for i in range(3):
            step.run(image=frame(i, source="a"), detections=tracked({1: around(50, 50)}))
        b = step.run(image=frame(0, source="b"), detections=tracked({1: around(50, 50)}, ["person"]))
        other = tracked({1: around(50, 50)}, ["dog"], ("dog",))
        a = step.run(image=frame(3, source="a"), detections=other)
    assert b["tracked_detections"].names == ["person"]
    assert (a["tracked_detections"].names, a["tracked_detections"].classes) == (["car"], ("dog", "car"))


def test_nothing_no_tracks_and_wrong_fields() -> None:
    empty = Detections.empty(("car",))
    out = run_step("track_class_lock", {"image": frame(0), "detections": empty})["tracked_detections"]
    assert (out.classes, out.data["class_locked"].tolist()) == (("car",), [])
    found = tracked({1: around(5, 5)})
    with pytest.raises(InvalidValue, match="track_class_lock expected tracked objects"):
        run_step("track_class_lock", {"image": frame(0), "detections": found.replace(track_id=None)})
    with pytest.raises(InvalidWorkflow, match=r"reattach_window.*at most state_ttl \(20\)"):
        run_step("track_class_lock", {"image": frame(0), "detections": found}, state_ttl=20)
    with pytest.raises(InvalidWorkflow, match=r"min_votes.*greater than or equal to 1"):
        run_step("track_class_lock", {"image": frame(0), "detections": found}, min_votes=0)
