"""How a stream is doing, as values."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ocella.errors import OcellaError

__all__ = ["Counts", "SinkStatus", "SourceState", "SourceStatus", "State", "StreamStatus"]

State = Literal["created", "running", "paused", "stopping", "stopped", "ended", "failed"]
SourceState = Literal["waiting", "connecting", "running", "reconnecting", "ended", "failed", "stopped"]


@dataclass(frozen=True)
class Counts:
    """Frames of one source. At every time: read = processed + dropped + failed + waiting; at the end nothing waits.
    `failed` were broken, or the whole run on them raised; `with_failures` are processed ones on which some step failed.
    """

    read: int = 0
    processed: int = 0
    failed: int = 0
    waiting: int = 0
    over_rate: int = 0
    """Dropped: more than `max_fps`."""
    overflow: int = 0
    """Dropped: the buffer was full."""
    paused: int = 0
    """Dropped: the stream was paused."""
    stopped: int = 0
    """Dropped: the stream was stopped before their turn."""
    with_failures: int = 0

    @property
    def dropped(self) -> int:
        """All that were let go on purpose."""
        return self.over_rate + self.overflow + self.paused + self.stopped

    def to_json(self) -> dict[str, int]:
        """JSON form."""
        return asdict(self) | {"dropped": self.dropped}


@dataclass(frozen=True)
class SourceStatus:
    """One source. Rates are of the last seconds, in frames a second; `declared_fps` is what the source says. Latencies are
    seconds from a frame's arrival to its result, over the latest frames. `error` is the last fault, the reason of the end where
    `state` is failed.
    """

    name: str
    state: SourceState
    counts: Counts
    reconnects: int = 0
    declared_fps: float = 0.0
    read_fps: float = 0.0
    processed_fps: float = 0.0
    latency_median: float = 0.0
    latency_longest: float = 0.0
    seconds: float = 0.0
    """Of the latest frame that was read."""
    error: str = ""

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return asdict(self) | {"counts": self.counts.to_json()}


@dataclass(frozen=True)
class SinkStatus:
    """One sink. At every time: given = written + dropped + failed + waiting."""

    name: str
    given: int = 0
    written: int = 0
    dropped: int = 0
    failed: int = 0
    waiting: int = 0
    error: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class StreamStatus:
    """A whole stream: `seconds` since its start, `batches` run, `error` where it ended by a fault of its own."""

    state: State
    sources: tuple[SourceStatus, ...]
    sinks: tuple[SinkStatus, ...]
    batches: int = 0
    run_median: float = 0.0
    """Seconds that one batch takes in the workflow, over the latest."""
    seconds: float = 0.0
    error: str = ""

    @property
    def problems(self) -> list[str]:
        """All that went wrong, in words: what ended the stream, sources that failed, frames and writes that failed."""
        return list(self._problems())

    def raise_for_problems(self) -> None:
        """Raises OcellaError where something went wrong."""
        if self.problems:
            raise OcellaError(" ".join(self.problems))

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return asdict(self) | {"sources": [s.to_json() for s in self.sources], "problems": self.problems}

    def _problems(self) -> Iterator[str]:
        if self.error:
            yield self.error
        for source in self.sources:
            if source.state == "failed":
                yield f"{source.name} failed: {source.error}"
            elif source.counts.failed:
                yield f"{source.name}: {source.counts.failed} of {source.counts.read} frames failed: {source.error}"
            if source.counts.with_failures:
                yield f"{source.name}: a step failed on {source.counts.with_failures} frames: {source.error}"
        for sink in self.sinks:
            if sink.error:
                yield f"{sink.name}: {sink.failed} of {sink.given} results were not written: {sink.error}"
