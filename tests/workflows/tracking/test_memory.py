import pytest
from tests.workflows.following import frame, tracked

from ocella.errors import InvalidValue
from ocella.types import Detections, Image, Moment
from ocella.workflows.tracking.memory import BySource, Forgetful, Frames, Seen, tracks_of


def test_the_one_not_asked_for_the_longest_time_goes() -> None:
    states: Forgetful[str, list[int]] = Forgetful(list, most=2)
    states["a"].append(1)
    states["b"].append(2)
    states["a"].append(3)
    states["c"].append(4)
    assert states.items() == [("a", [1, 3]), ("c", [4])]
    assert "b" not in states
    assert states["b"] == []


def test_each_source_has_its_own() -> None:
    states: BySource[list[int]] = BySource(list)
    states.of(frame(0, source="a")).append(1)
    assert states.of(frame(5, source="b")) == []
    assert states.of(Moment("a", 9, 0.9)) == [1]
    assert states.of(Image(frame(0).pixels)) == []


def test_seen_forgets_the_oldest() -> None:
    seen = Seen(2)
    assert [seen.enter(track) for track in (1, 2, 1, 3, 1)] == [True, True, False, True, True]


@pytest.mark.parametrize(
    ("moments", "steps"),
    [
        ([None, None, None], [1, 1, 1]),
        ([Moment("a", 0, 0.0, 30), Moment("a", 1, 1 / 30, 30), Moment("a", 4, 4 / 30, 30)], [1, 1, 3]),
        ([Moment("a", 0, 0.0), Moment("a", 1, 0.5), Moment("a", 4, 2.0)], [1, 1, 3]),
        ([Moment("a", 8, 2.0, 30), Moment("a", 0, 0.0, 30), Moment("a", 0, 0.0, 30)], [1, 1, 1]),
        ([Moment("a", 0, 0.0, 25), Moment("a", 1, 0.043, 25), Moment("a", 2, 0.078, 25)], [1, 1, 1]),
    ],
)
def test_frames_since_the_last(moments: list[Moment | None], steps: list[int]) -> None:
    frames = Frames()
    assert [frames.since_last(moment) for moment in moments] == steps


def test_objects_must_be_tracked() -> None:
    assert tracks_of(tracked({7: [0, 0, 1, 1]}), "x") == [7]
    assert tracks_of(Detections.empty(), "x") == []
    with pytest.raises(InvalidValue, match=r"line_counter expected tracked objects, got 1 without ids. Put a tracker"):
        tracks_of(tracked({7: [0, 0, 1, 1]}).replace(track_id=None), "line_counter")
