"""A video file as a source, played once or in a loop."""

import math
import os
import time
from collections.abc import Iterator
from pathlib import Path

from ocella.errors import InvalidValue, NotFound, Unreadable
from ocella.media.sources.capture import captured
from ocella.media.sources.decoding import decode, has_av, open_container
from ocella.media.sources.source import Raw, Source

__all__ = ["Recording"]


class Recording(Source):
    """A video file. It is played `loop` times (0: for ever), seconds and indices going on; with `pace` no faster than its
    own time. Without PyAV, OpenCV decodes it. Raises NotFound, InvalidValue; reading raises Unreadable also at the end of a
    file that holds fewer frames than its header says.
    """

    def __init__(self, path: Path | str, *, loop: int = 1, pace: bool = False, name: str = "") -> None:
        self.path, self.loop, self.pace = Path(path), loop, pace
        if loop < 0:
            raise InvalidValue(f"loop must be how often to play it, 0 for ever, got {loop}.")
        if not self.path.is_file():
            raise NotFound(f"{path} is not there. Check the path.")
        super().__init__(name or os.fspath(path), is_live=False)

    def connect(self) -> Iterator[Raw]:
        """Every frame, as often as asked for."""
        began, base, played = time.monotonic(), 0.0, 0
        while not self.interrupted and (self.loop == 0 or played < self.loop):
            last = step = 0.0
            for raw in self._once():
                if raw.seconds is not None:
                    step, last = (raw.seconds - last) or step, raw.seconds
                    raw = _later(raw, base)  # noqa: PLW2901  # the same frame in the time of the loop
                if self.pace and not self._wait(began + base + last):
                    return
                yield raw
            played += 1
            base += last + step

    def _wait(self, until: float) -> bool:
        return not self._stopped.wait(max(until - time.monotonic(), 0.0))

    def _once(self) -> Iterator[Raw]:
        if self.path.stat().st_size == 0:
            raise Unreadable(f"{self.name} is empty (0 bytes). Give a video file.")
        if not has_av():
            yield from captured(str(self.path), self.name, is_live=False, stop=lambda: self.interrupted)
            return
        # a playlist that is called a video must not lead to other machines
        options = {"protocol_whitelist": "file"}
        container, stream = open_container(str(self.path), self.name, is_live=False, options=options)
        try:
            got, last = 0, 0.0
            for raw in decode(container, stream, self.name, is_live=False, stop=lambda: self.interrupted):
                got += not raw.broken
                last = raw.seconds or last
                yield raw
            if not self.interrupted:
                length = 0.0 if container.duration is None else container.duration / 1_000_000
                _refuse_cut_off(self.name, got, stream.frames, last, length)
        finally:
            container.close()


def _later(raw: Raw, base: float) -> Raw:
    return Raw(raw.pixels, (raw.seconds or 0.0) + base, raw.fps, raw.broken, raw.name, raw.recorded_at) if base else raw


def _refuse_cut_off(name: str, got: int, said: int, last: float, length: float) -> None:
    """Headers of some containers only estimate, hence the room."""
    if got == 0:
        raise Unreadable(f"{name} is cut off: no frame can be read. Get a whole copy of it.")
    if got < said - max(3, said // 20):
        raise Unreadable(f"{name} is cut off: {got} of {said} frames can be read. Get a whole copy of it.")
    if not said and math.isfinite(length) and last < length - max(1.0, length / 20):
        raise Unreadable(f"{name} is cut off: {last:.1f} of {length:.1f} seconds can be read. Get a whole copy of it.")
