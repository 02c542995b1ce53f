"""One sink at work: a bounded queue and a thread."""

import contextlib
import threading
import time
from collections import deque
from collections.abc import Sequence

from ocella.errors import OcellaError
from ocella.media.sources.source import redact
from ocella.workflows.video.board import Board
from ocella.workflows.video.frame_result import FrameResult
from ocella.workflows.video.sinks.sink import Sink
from ocella.workflows.video.status import SinkStatus

__all__ = ["Outbox"]


class Outbox:
    """Hands results to a sink in their order. After a stop what is queued is still written, within `flush` seconds."""

    def __init__(self, sink: Sink, board: Board, flush: float) -> None:
        self.sink, self._board, self._flush = sink, board, flush
        self._changed = threading.Condition()
        self._queue: deque[FrameResult] = deque()
        self._given = self._written = self._dropped = self._failed = self._waiting = 0
        self._error = ""
        self._ending = self._settled = False
        self.thread = threading.Thread(target=self._work, name=f"sink {sink.name}", daemon=True)

    def open(self, sources: Sequence[str]) -> None:
        """Open the sink and begin; raises what it raises."""
        self.sink.open(sources)
        self.thread.start()

    def put(self, result: FrameResult) -> None:
        """Give it a result; where the queue is full, as the sink wants. A stop ends the waiting and drops the result."""
        with self._changed:
            self._given += 1
            self._waiting += 1
            while len(self._queue) >= self.sink.size:
                if self.sink.full == "drop-oldest":
                    self._queue.popleft()
                    self._end("_dropped")
                elif self._board.hurried:
                    self._end("_dropped")
                    return
                else:
                    self._changed.wait(0.05)  # a stop is told on another lock
            self._queue.append(result)
            self._changed.notify_all()

    def finish(self) -> None:
        """Write what is queued and close. Returns when that is done, or `flush` seconds after a stop."""
        with self._changed:
            self._ending = True
            self._changed.notify_all()
        if self.thread.ident is None:
            return
        while self.thread.is_alive():
            self.thread.join(0.05)
            if self._board.hurried and time.monotonic() > self._board.hurried_at + self._flush:
                break
        with self._changed:
            self._queue.clear()
            self._end("_dropped", self._waiting)
            self._settled = True

    def status(self) -> SinkStatus:
        """How it is doing."""
        with self._changed:
            numbers = self._given, self._written, self._dropped, self._failed, self._waiting
            return SinkStatus(self.sink.name, *numbers, self._error, self.sink.notes)

    def _end(self, how: str, results: int = 1) -> None:
        if not self._settled:
            self._waiting -= results
            setattr(self, how, getattr(self, how) + results)

    def _work(self) -> None:
        while (result := self._next()) is not None:
            how = "_written"
            try:
                self.sink.write(result)
            except Exception as error:  # noqa: BLE001  # a sink may be anybody's; the stream goes on
                how = "_failed"
                self._say(error)
            with self._changed:
                self._end(how)
        try:
            self.sink.close()
        except Exception as error:  # noqa: BLE001  # as above
            self._say(error)

    def _next(self) -> FrameResult | None:
        with self._changed:
            while not self._queue:
                if self._ending:
                    return None
                self._changed.wait()
            result = self._queue.popleft()
            self._changed.notify_all()
            return result

    def _say(self, error: Exception) -> None:
        with self._changed, contextlib.suppress(Exception):
            said = str(error) if isinstance(error, OcellaError) else f"{type(error).__name__}: {error}"
            self._error = redact(said)
