"""Counts and times of a whole video, against what its maker knows."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from tests.workflows.video.streaming import settled
from tests.workflows.video.traffic import Traffic, counting

from ocella.media.sources.recording import Recording
from ocella.workflows.stream import Stream
from ocella.workflows.video.frame_result import FrameResult

TRACKERS = ["roboflow_core/trackers_sort@v1", "roboflow_core/trackers_bytetrack@v1"]


@dataclass
class Tally:
    """What the results of a stream say, in memory that does not grow with the video."""

    counts: set[int] = field(default_factory=set)
    stays: list[float] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    frames: int = 0
    _inside: dict[int, float] = field(default_factory=dict)

    def __call__(self, result: FrameResult) -> None:
        self.frames += 1
        self.counts = {result.outputs["in"], result.outputs["out"]}
        timed = result.outputs["timed"]
        assert timed.track_id is not None
        now = dict(zip(timed.track_id.tolist(), timed.data["time_in_zone"].tolist(), strict=True))
        self.stays += [seconds for track, seconds in self._inside.items() if track not in now or now[track] < seconds]
        self._inside = now
        if self.frames % 50 == 0:
            self.memory.append(_resident())


def _resident() -> int:
    """Bytes of this process in memory; 0 where the system does not say."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text(encoding="ascii").split()[1]) * 4096 if statm.exists() else 0


def run(path: Path, tracker: str, loop: int) -> Tally:
    tally = Tally()
    status = Stream(counting(tracker), Recording(path, loop=loop), sinks=[tally]).start().join()
    assert (status.state, status.problems) == ("ended", [])
    assert settled(status)
    assert status.sources[0].counts.read == status.sources[0].counts.processed == tally.frames
    return tally


@pytest.mark.parametrize("tracker", TRACKERS)
def test_counts_and_stays_are_those_of_the_maker(tmp_path: Path, tracker: str) -> None:
    traffic = Traffic.of(16, seed=3)
    right, left = traffic.crossings()
    assert min(right, left) > 1
    assert right != left
    tally = run(traffic.write(tmp_path / "a.mp4"), tracker, 1)
    assert tally.frames == len(traffic.times)
    assert tally.counts == {right, left}
    assert sorted(tally.stays) == pytest.approx(traffic.stays(), abs=0.002)


@pytest.mark.long
@pytest.mark.parametrize("tracker", TRACKERS)
def test_thirty_minutes_count_exactly_in_flat_memory(tmp_path: Path, tracker: str) -> None:
    """Sixty seconds of video thirty times over, as fast as the machine can."""
    traffic = Traffic.of(60, seed=5)
    right, left = traffic.crossings()
    tally = run(traffic.write(tmp_path / "a.mp4"), tracker, 30)
    assert tally.frames == 30 * len(traffic.times)
    assert tally.counts == {30 * right, 30 * left}
    assert len(set(tally.counts)) == 2
    assert sorted(tally.stays) == pytest.approx(sorted(traffic.stays() * 30), abs=0.002)
    if tally.memory[0]:
        third = len(tally.memory) // 3
        first, last = np.mean(tally.memory[:third]), np.mean(tally.memory[-third:])
        assert abs(last - first) < 0.03 * first
