from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from tests.workflows.tracking.scenes import PUBLISHED, SCENES

from ocella.workflows.tracking.byte import Byte, ByteSettings
from ocella.workflows.tracking.cascade import Cascade, CascadeSettings
from ocella.workflows.tracking.motion import CentreHeight
from ocella.workflows.tracking.oc_sort import OcSettings, OcSort
from ocella.workflows.tracking.sort import Sort, SortSettings
from ocella.workflows.tracking.tracker import Tracker, patience

TRACKERS: dict[str, Callable[[], Tracker]] = {
    "sort": lambda: Sort(SortSettings(30, 3, 0.3, 0.25)),
    "sort, short": lambda: Sort(SortSettings(3, 1, 0.4, 0.6)),
    "byte": lambda: Byte(ByteSettings(30, 2, 0.1, 0.7, 0.6)),
    "byte, 15 fps": lambda: Byte(ByteSettings(patience(5, 15), 2, 0.3, 0.7, 0.6)),
    "oc": lambda: OcSort(OcSettings(30, 3, 0.3, 0.6, 0.2, 3)),
    "oc, direction": lambda: OcSort(OcSettings(30, 3, 0.3, 0.4, 0.9, 1)),
    "bot": lambda: Cascade(CascadeSettings(30, 2, 0.2, 0.5, 0.3, 0.6, 0.7)),
    "bot, at start": lambda: Cascade(CascadeSettings(30, 3, 0.2, 0.5, 0.3, 0.6, 0.7, at_start=True)),
}
FIRST_BYTE = CascadeSettings(30, 2, 0.2, 0.5, 0.3, 0.25, 0.35, at_start=True, gate=True, twins=True)


def follow(tracker: Tracker, scene: list[np.ndarray]) -> list[list[int]]:
    return [tracker.update(rows[:, :4], rows[:, 4]).tolist() for rows in scene]


@pytest.mark.parametrize("name", TRACKERS)
@pytest.mark.parametrize("scene", range(3))
def test_ids_as_the_published_package(name: str, scene: int) -> None:
    assert follow(TRACKERS[name](), SCENES[scene]) == PUBLISHED[name][scene]


@pytest.mark.parametrize("scene", range(3))
def test_the_first_byte_tells_the_same_objects_apart(scene: int) -> None:
    ours = follow(Cascade(FIRST_BYTE, CentreHeight(), first_id=1), SCENES[scene])
    pairs = Counter(
        pair
        for mine, theirs in zip(ours, PUBLISHED["first byte"][scene], strict=True)
        for pair in zip(mine, theirs, strict=True)
    )
    both = {pair: count for pair, count in pairs.items() if min(pair) >= 0}
    same = sum(max(count for (a, _), count in both.items() if a == mine) for mine in {a for a, _ in both})
    only_one = sum(count for (a, b), count in pairs.items() if (a < 0) != (b < 0))
    # the package gives ids to boxes by a second look at overlaps, which may swap two that lie on each other
    assert same >= 0.995 * sum(both.values())
    assert only_one <= 0.02 * pairs.total()


@pytest.mark.parametrize("name", TRACKERS)
def test_nothing_at_all(name: str) -> None:
    tracker = TRACKERS[name]()
    nothing = np.zeros((0, 4), np.float32), np.zeros(0, np.float32)
    assert tracker.update(*nothing).tolist() == []
    tracker.update(np.array([[0, 0, 9, 9]], np.float32), np.ones(1, np.float32))
    assert tracker.update(*nothing).tolist() == []


@pytest.mark.parametrize("name", TRACKERS)
def test_dropped_frames_count_as_time(name: str) -> None:
    steady, sparse = TRACKERS[name](), TRACKERS[name]()
    sure = np.ones(1, np.float32)
    for i in range(30):
        box = np.array([[10 + i, 10, 60 + i, 60]], np.float32)
        steady.update(box, sure)
        if i < 10 or i % 3 == 0:
            sparse.update(box, sure, frames=1 if i < 10 else 3)
    end = np.array([[40, 10, 90, 60]], np.float32)
    assert steady.update(end, sure).tolist() == sparse.update(end, sure, frames=3).tolist() == [0]


@pytest.mark.parametrize("name", TRACKERS)
def test_memory_stays_flat(name: str) -> None:
    tracker = TRACKERS[name]()
    sure = np.ones(1, np.float32)
    most = 0
    for i in range(150):
        tracker.update(np.array([[i * 100, 0, i * 100 + 50, 50]], np.float32), sure)
        most = max(most, len(tracker.tracks))
    assert most <= 32


@pytest.mark.parametrize(
    ("buffer", "fps", "frames"), [(30, 30, 30), (30, 60, 60), (3, 15, 2), (0, 30, 0), (1, 5, 1), (30, 29.97, 30)]
)
def test_patience(buffer: int, fps: float, frames: int) -> None:
    assert patience(buffer, fps) == frames
