"""Which frames are run together: one of each source that has one, without waiting for those that have none."""

import time
from collections.abc import Sequence

from ocella.workflows.video.board import Board
from ocella.workflows.video.pump import Pump, Taken

__all__ = ["collect"]


def collect(pumps: Sequence[Pump], board: Board, window: float) -> list[tuple[Pump, Taken]]:
    """The next batch; empty where nothing will come any more or the stream stops. A frame of a live source waits for another
    source only where its next frame should come before it is `window` seconds old; so a slow or dead source costs nobody a
    frame, and one that lags behind is never waited for.
    """
    with board.changed:
        while not board.stopping:
            ready = [pump for pump in pumps if pump.buffer]
            if not ready and all(pump.over for pump in pumps):
                break
            until = _until(pumps, ready, window) if ready and not board.paused else None
            if ready and not board.paused and (until is None or until <= time.monotonic()):
                batch = [(pump, pump.buffer.popleft()) for pump in ready]
                board.changed.notify_all()
                return batch
            board.changed.wait(None if until is None else max(until - time.monotonic(), 0))
    return []


def _until(pumps: Sequence[Pump], ready: Sequence[Pump], window: float) -> float | None:
    """How long it pays to wait for one more; None where it does not."""
    if len(ready) == len(pumps) or not all(pump.source.is_live and len(pump.buffer) < pump.size for pump in ready):
        return None
    end = min(pump.buffer[0].arrived for pump in ready) + window
    now = time.monotonic()
    soon = [p for p in pumps if not p.buffer and p.expected_at and now - window < p.expected_at <= end]
    return end if soon else None
