"""Reading one source in a thread of its own: into a bounded buffer, counting every frame."""

import statistics
import threading
import time
from collections import deque
from dataclasses import dataclass, field, replace
from typing import Literal

from ocella.errors import OcellaError
from ocella.media.sources.source import Lost, Shot, Source, redact
from ocella.types import Image
from ocella.workflows.video.board import Board
from ocella.workflows.video.feed import Feed, Full, Retry
from ocella.workflows.video.status import Counts, SourceState, SourceStatus

__all__ = ["Pump", "Taken"]

_RECENT = 128
_RATE_SPAN = 10.0

_End = Literal["over_rate", "overflow", "paused", "stopped", "failed", "processed"]


@dataclass(frozen=True)
class Taken:
    """A frame in the buffer, and when it arrived by the monotonic clock."""

    image: Image
    arrived: float


@dataclass
class _Recent:
    """Times of the latest events."""

    times: deque[float] = field(default_factory=lambda: deque(maxlen=_RECENT))

    def add(self, now: float) -> None:
        self.times.append(now)

    def rate(self, now: float) -> float:
        times = [t for t in self.times if t > now - _RATE_SPAN]
        return (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 and times[-1] > times[0] else 0.0


class Pump:
    """One source. Everything but the reading itself is done under the board's lock."""

    def __init__(self, source: Source, feed: Feed, board: Board) -> None:
        live = source.is_live
        self.source, self.board = source, board
        self.full: Full = feed.full or ("drop-oldest" if live else "wait")
        self.size = feed.buffer or (2 if live else 8)
        self.max_fps, self.retry = feed.max_fps, feed.retry or Retry()
        self.state: SourceState = "waiting"
        self.buffer: deque[Taken] = deque()
        self.reconnects = 0
        self.error = ""
        self.counts = Counts()
        self._due = 0.0
        self._settled = self._ever = self._joined = False
        self._attempts = 0
        self._arrived = self._interval = 0.0
        self._fps = self._seconds = 0.0
        self._reads, self._results = _Recent(), _Recent()
        self._latencies: deque[float] = deque(maxlen=_RECENT)
        self._thread = threading.Thread(target=self._read, name=f"source {source.name}", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def join(self, seconds: float) -> None:
        """Wait for the thread; one that waits for a network is left to itself."""
        if self._thread.ident is not None:
            self._thread.join(seconds)

    @property
    def over(self) -> bool:
        """Whether no frame will come any more."""
        return self.state in ("ended", "failed", "stopped")

    @property
    def expected_at(self) -> float:
        """When the next frame of a running live source should come, by its rate; 0 where nobody knows."""
        running = self.state == "running" and self.source.is_live and self._interval > 0
        return self._arrived + self._interval if running else 0.0

    def end(self, how: _End, frames: int = 1) -> None:
        """What became of frames that waited."""
        if not self._settled and frames:
            before = self.counts
            self.counts = replace(before, waiting=before.waiting - frames, **{how: getattr(before, how) + frames})

    def processed(self, taken: Taken, *, with_failures: bool) -> float:
        """A frame has its result; gives the seconds since it came."""
        now = time.monotonic()
        self.end("processed")
        if with_failures:
            self.counts = replace(self.counts, with_failures=self.counts.with_failures + 1)
        self._results.add(now)
        self._latencies.append(now - taken.arrived)
        return now - taken.arrived

    def pause(self) -> None:
        """Let go what a live source holds: it would be old when the stream goes on."""
        if self.source.is_live:
            self.end("paused", len(self.buffer))
            self.buffer.clear()

    def settle(self) -> None:
        """The stream is over: what waits is dropped, and nothing is counted any more."""
        self.end("stopped", self.counts.waiting)
        self.buffer.clear()
        self._settled = True
        if not self.over:
            self.state = "stopped"

    def status(self) -> SourceStatus:
        """How it is doing."""
        now = time.monotonic()
        return SourceStatus(
            self.source.name,
            self.state,
            self.counts,
            self.reconnects,
            self._fps,
            self._reads.rate(now),
            self._results.rate(now),
            statistics.median(self._latencies) if self._latencies else 0.0,
            max(self._latencies, default=0.0),
            self._seconds,
            self.error,
        )

    def _read(self) -> None:
        """All connections, one after another."""
        self._set("connecting")
        while True:
            fault: Exception | None = None
            self._joined = False
            try:
                for shot in self.source.shots():
                    if not self._take(shot):
                        break
            except Exception as error:  # noqa: BLE001  # a source may be anybody's; it ends alone, told by name
                fault = error
            if self.board.stopping:
                return self._set("stopped")
            if fault is None:
                return self._set("ended")
            with self.board.changed:
                self.error = _said(fault)
            if not self._again(fault):
                return self._set("stopped" if self.board.stopping else "failed")

    def _set(self, state: SourceState) -> None:
        with self.board.changed:
            if not self._settled:
                self.state = state
            self.board.changed.notify_all()

    def _again(self, fault: Exception) -> bool:
        """Wait for the next attempt; False where there is none."""
        hopeless = not isinstance(fault, Lost) and not (self._ever and isinstance(fault, OcellaError))
        self._attempts += 1
        spent = self.retry.attempts is not None and self._attempts > self.retry.attempts
        if not self.source.is_live or hopeless or spent:
            return False
        self._set("reconnecting")
        return not self.board.cancel.wait(self.retry.delay(self._attempts))

    def _take(self, shot: Shot) -> bool:
        """Count a frame, and put it in the buffer; False where the stream stops."""
        if not self._arrive(shot, time.monotonic()):
            return not self.board.stopping
        arrived = self._arrived
        try:
            image = shot.image()
        except Exception as error:  # noqa: BLE001  # as above; the next frame may be whole
            with self.board.changed:
                self.end("failed")
                self.error = _said(error)
            return not self.board.stopping
        with self.board.changed:
            while self.full == "wait" and len(self.buffer) >= self.size and not self.board.stopping:
                self.board.changed.wait()
            if self.board.stopping:
                self.end("stopped")
                return False
            if self.source.is_live and self.board.paused:
                self.end("paused")
                return True
            while len(self.buffer) >= self.size:
                self.buffer.popleft()
                self.end("overflow")
            self.buffer.append(Taken(image, arrived))
            self.board.changed.notify_all()
        return True

    def _arrive(self, shot: Shot, now: float) -> bool:
        """Whether a frame that came is wanted; it is counted in any case, unless the stream stops."""
        with self.board.changed:
            while self.board.paused and not self.source.is_live and not self.board.stopping:
                self.board.changed.wait()
            if self.board.stopping or self._settled:
                return False
            self._note(shot, now)
            if self.max_fps and shot.moment.seconds < self._due - 1e-3:
                self.end("over_rate")
                return False
            if self.board.paused:
                self.end("paused")
                return False
            if self.full == "drop-newest" and len(self.buffer) >= self.size:
                self.end("overflow")
                return False
            if self.max_fps:
                self._due = max(self._due + 1 / self.max_fps, shot.moment.seconds + 0.5 / self.max_fps)
            return True

    def _note(self, shot: Shot, now: float) -> None:
        self.counts = replace(self.counts, read=self.counts.read + 1, waiting=self.counts.waiting + 1)
        if not self._joined:
            self.reconnects += self._ever
            self._ever = self._joined = True
            self.state = "running"
            self._interval = 0.0
        elif self._arrived:
            step = now - self._arrived
            self._interval = 0.8 * self._interval + 0.2 * step if self._interval else step
        self._attempts = 0
        self._arrived = now
        self._fps, self._seconds = shot.moment.fps or self._fps, shot.moment.seconds
        self._reads.add(now)


def _said(error: Exception) -> str:
    return redact(str(error) if isinstance(error, OcellaError) else f"{type(error).__name__}: {error}")
