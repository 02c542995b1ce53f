"""A workflow over one or many sources of video, frame by frame."""

import statistics
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from ocella.errors import Cancelled, InvalidValue, OcellaError, StepFailed
from ocella.media.sources.choose import open_source
from ocella.media.sources.source import Source, redact
from ocella.workflows.run import OnError, Session
from ocella.workflows.services import Services
from ocella.workflows.video.batching import collect
from ocella.workflows.video.board import Board
from ocella.workflows.video.feed import Feed, Full, Retry
from ocella.workflows.video.frame_result import FrameResult
from ocella.workflows.video.inputs import image_input_of
from ocella.workflows.video.outbox import Outbox
from ocella.workflows.video.pump import Pump, Taken
from ocella.workflows.video.sinks.sink import Sink, as_sink
from ocella.workflows.video.status import State, StreamStatus
from ocella.workflows.workflow import Workflow

__all__ = ["Stream"]

_GRACE = 0.5
"""Seconds to wait for reading threads at the end; one that waits for a network is left to itself."""


class Stream:
    """Runs a workflow over video: a thread a source, one batch at a time of one frame of each source that has one, and a thread
    a sink. `sources` is one or a list of what `open_source` takes, Sources or Feeds; `full`, `buffer`, `max_fps` and `retry`
    stand for what a Feed leaves open. `parameters` are the other inputs. State of the steps (trackers, counters) is kept for
    each source until the stream ends. After a stop sinks may write for `flush` seconds more. Raises InvalidValue, NotFound, MissingExtra.
    """

    def __init__(
        self,
        workflow: Workflow,
        sources: Any,
        *,
        services: Services | None = None,
        parameters: Mapping[str, Any] | None = None,
        image_input: str = "",
        sinks: Sequence[Sink | Callable[[FrameResult], object]] = (),
        full: Full | None = None,
        buffer: int | None = None,
        max_fps: float | None = None,
        retry: Retry | None = None,
        window: float = 0.02,
        flush: float = 5.0,
        on_error: OnError = "isolate",
        workers: int = 0,
    ) -> None:
        if not 0 <= window <= 1:
            raise InvalidValue(f"window must be 0 to 1 seconds, got {window}.")
        self.workflow, self.services = workflow, services or Services()
        self.parameters = dict(parameters or {})
        self.image_input = image_input_of(workflow, image_input, self.parameters)
        self.window, self.on_error, self.workers = window, on_error, workers
        self._board = Board()
        self._pumps = _pumps(sources, Feed(None, full, buffer, max_fps, retry), self._board)
        self._outboxes = [Outbox(as_sink(sink), self._board, flush) for sink in sinks]
        self._state: State = "created"
        self._error = ""
        self._began = self._ended = 0.0
        self._batches = 0
        self._runs: deque[float] = deque(maxlen=128)
        self._over = threading.Event()
        self._session: Session | None = None
        self._thread = threading.Thread(target=self._work, name="stream", daemon=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __iter__(self) -> Iterator[FrameResult]:
        """Results as they come, from when it is called; starts the stream where that was not done. A reader that is slow makes
        the stream wait.
        """
        reader = _Reader(self._board)
        outbox = Outbox(reader, self._board, 0.0)
        with self._board.changed:
            self._outboxes = [*self._outboxes, outbox]
            running = self._state != "created"
        if running:
            outbox.open(self._names)
        else:
            self.start()
        try:
            while (result := reader.next(self._over)) is not None:
                yield result
        finally:
            reader.leave()

    def start(self) -> Self:
        """Open sinks and sources and begin. Raises what a sink or a step raises that cannot begin."""
        with self._board.changed:
            if self._state != "created":
                raise InvalidValue(f"A stream starts once, and this one is {self._state}. Make another.")
            self._state, self._began = "running", time.monotonic()
        opened: list[Outbox] = []
        try:
            self._session = Session(self.workflow, self.services, on_error=self.on_error, workers=self.workers)
            for outbox in self._outboxes:
                outbox.open(self._names)
                opened.append(outbox)
        except BaseException:
            self._board.stop()
            for outbox in opened:
                outbox.finish()
            if self._session is not None:
                self._session.close()
            self._end("failed")
            raise
        for pump in self._pumps:
            pump.start()
        self._thread.start()
        return self

    def pause(self) -> None:
        """Run no more frames: files wait, live sources go on and their frames are dropped."""
        with self._board.changed:
            if self._state == "running":
                self._state, self._board.paused = "paused", True
                for pump in self._pumps:
                    pump.pause()
            self._board.changed.notify_all()

    def resume(self) -> None:
        """Go on after a pause."""
        with self._board.changed:
            if self._state == "paused":
                self._state, self._board.paused = "running", False
            self._board.changed.notify_all()

    def stop(self) -> StreamStatus:
        """End at once: the run at work is cancelled before its next element, what waits is dropped, sinks write what they have.
        Returns the final status; the stream may be stopped again.
        """
        with self._board.changed:
            if self._state == "created":
                self._end("stopped")
            elif self._state in ("running", "paused"):
                self._state = "stopping"
        self._board.stop(hurry=True)
        for pump in self._pumps:
            pump.source.interrupt()
        return self.join()

    def join(self, timeout: float | None = None) -> StreamStatus:
        """Wait until every source has ended and every sink has written; the status then, or after `timeout` seconds."""
        if self._state == "created":
            raise InvalidValue("The stream was not started. Call start() first.")
        inside = [self._thread, *(outbox.thread for outbox in self._outboxes)]
        if threading.current_thread() not in inside:  # a sink may stop its stream
            self._over.wait(timeout)
        return self.status()

    def status(self) -> StreamStatus:
        """How it is doing; may be asked at any time."""
        with self._board.changed:
            until = self._ended or time.monotonic()
            return StreamStatus(
                self._state,
                tuple(pump.status() for pump in self._pumps),
                tuple(outbox.status() for outbox in self._outboxes if not isinstance(outbox.sink, _Reader)),
                self._batches,
                statistics.median(self._runs) if self._runs else 0.0,
                until - self._began if self._began else 0.0,
                self._error,
            )

    @property
    def _names(self) -> list[str]:
        return [pump.source.name for pump in self._pumps]

    def _work(self) -> None:
        """The stream's own thread."""
        state: State = "ended"
        try:
            while batch := collect(self._pumps, self._board, self.window):
                self._run(batch)
        except Cancelled:
            pass
        except Exception as error:  # noqa: BLE001  # whatever it is, it ends the stream in order and is told
            state, self._error = "failed", _said(error)
        finally:
            self._finish("stopped" if state == "ended" and self._board.stopping else state)

    def _run(self, batch: list[tuple[Pump, Taken]]) -> None:
        assert self._session is not None
        images = [taken.image for _, taken in batch]
        began = time.monotonic()
        try:
            result = self._session.run({**self.parameters, self.image_input: images}, cancel=self._board.cancel)
        except (Cancelled, StepFailed):
            self._lose(batch, "stopped", "")
            raise
        except Exception as error:  # noqa: BLE001  # the next batch may do better
            self._lose(batch, "failed", _said(error))
            return
        rows = list(result) if len(result) == len(batch) else [result[0]] * len(batch)
        with self._board.changed:
            self._batches += 1
            self._runs.append(time.monotonic() - began)
            out = []
            for place, (pump, taken) in enumerate(batch):
                failures = tuple(f for f in result.failures if not f.path or f.path[0] == place)
                if failures:
                    pump.error = str(failures[-1])
                latency = pump.processed(taken, with_failures=bool(failures))
                out.append(FrameResult(pump.source.name, taken.image, rows[place], failures, latency, self.workflow))
            outboxes = self._outboxes
        for frame in out:
            for outbox in outboxes:
                outbox.put(frame)

    def _lose(self, batch: list[tuple[Pump, Taken]], how: Any, why: str) -> None:
        with self._board.changed:
            for pump, _ in batch:
                pump.end(how)
                pump.error = why or pump.error

    def _finish(self, state: State) -> None:
        if state != "ended":
            self._board.stop()
        for pump in self._pumps:
            pump.source.interrupt()
        until = time.monotonic() + _GRACE
        for pump in self._pumps:
            pump.join(max(until - time.monotonic(), 0.0))
        with self._board.changed:
            for pump in self._pumps:
                pump.settle()
        for outbox in self._outboxes:
            outbox.finish()
        assert self._session is not None
        try:
            self._session.close()
        except Exception as error:  # noqa: BLE001  # told, and the stream still ends
            state, self._error = "failed", self._error or _said(error)
        self._end(state)

    def _end(self, state: State) -> None:
        with self._board.changed:
            self._state, self._ended = state, time.monotonic()
        self._over.set()


class _Reader(Sink):
    """Hands results to whoever iterates."""

    name = "reader"
    size = 4

    def __init__(self, board: Board) -> None:
        self._board, self._changed = board, threading.Condition()
        self._result: FrameResult | None = None
        self._left = self._closed = False

    def write(self, result: FrameResult) -> None:
        with self._changed:
            while self._result is not None and not (self._left or self._board.hurried):
                self._changed.wait(0.05)  # a stop is told on another lock
            self._result = result
            self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def next(self, over: threading.Event) -> FrameResult | None:
        with self._changed:
            while self._result is None and not self._closed and not over.is_set():
                self._changed.wait(0.2)
            result, self._result = self._result, None
            self._changed.notify_all()
            return result

    def leave(self) -> None:
        with self._changed:
            self._left = True
            self._changed.notify_all()


def _pumps(sources: Any, defaults: Feed, board: Board) -> list[Pump]:
    many = list(sources) if isinstance(sources, list | tuple) else [sources]
    if not many:
        raise InvalidValue("A stream needs at least one source, got none.")
    feeds = [item if isinstance(item, Feed) else Feed(item) for item in many]
    made = [feed.source if isinstance(feed.source, Source) else open_source(feed.source) for feed in feeds]
    if len({id(source) for source in made}) < len(made):
        raise InvalidValue("Each source can be read once. Open it twice to read it twice.")
    taken: set[str] = set()
    for source in made:
        plain, number = source.name, 1
        while source.name in taken:  # what tracks keeps its state by the name
            number += 1
            source.name = f"{plain}#{number}"
        taken.add(source.name)
    return [Pump(source, feed.over(defaults), board) for source, feed in zip(made, feeds, strict=True)]


def _said(error: Exception) -> str:
    return redact(str(error) if isinstance(error, OcellaError) else f"{type(error).__name__}: {error}")
