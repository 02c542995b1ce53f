"""What every source of frames is: connections that give shots, each with its moment."""

import math
import re
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import Unreadable
from ocella.types import Image, Moment, Origin

__all__ = ["Lost", "Pixels", "Raw", "Shot", "Source", "Timeline", "broken", "redact"]

Pixels = npt.NDArray[np.uint8]

_SECRETS = (
    (re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^\s'\"]*@", re.IGNORECASE), r"\1***@"),
    (
        re.compile(
            r"([?&](?:user|usr|username|login|pwd|pass|passwd|password|token|key|api_key|apikey|auth|secret|sig|signature)"
            r"=)[^&\s'\"]*",
            re.IGNORECASE,
        ),
        r"\1***",
    ),
)
_JUMP = 60.0
"""Seconds by which the clock of a live source may differ from ours before it is taken to have been set anew."""


class Lost(Unreadable):
    """The connection to a live source failed or ended; another attempt may succeed."""


def redact(text: str) -> str:
    """The text with names, passwords and tokens in addresses made unreadable."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


@dataclass(frozen=True)
class Raw:
    """One frame as a connection gives it: `seconds` since the connection's start by presentation time, None where it has
    none; `pixels` decodes it, upright and RGB, and raises Unreadable where it is broken.
    """

    pixels: Callable[[], Pixels]
    seconds: float | None = None
    fps: float = 0.0
    broken: bool = False
    """Known to be broken, so that its time is not to be trusted."""
    name: str = ""
    """What its pixels come from, where that is not the source."""
    recorded_at: float = 0.0
    """Start of the recording, in seconds since 1970; 0 where nobody knows."""


@dataclass(frozen=True)
class Shot:
    """A frame that arrived, not yet decoded."""

    moment: Moment
    pixels: Callable[[], Pixels] = field(repr=False, compare=False)
    name: str = ""

    def image(self) -> Image:
        """The picture, upright in RGB; raises Unreadable where it is broken."""
        return Image(self.pixels(), Origin(self.name or f"{self.moment.source}#{self.moment.index}"), self.moment)


class Timeline:
    """Seconds of a source's frames: those of its own clock, over all connections, never backwards. A later connection of a
    live source goes on after the time that passed; that of a recording where the last one ended.
    """

    def __init__(self, *, is_live: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self.is_live, self._clock = is_live, clock
        self._began = self._last = self._step = 0.0
        self._offset: float | None = None
        self._some, self._fresh = False, True

    @property
    def last(self) -> float:
        """Seconds of the latest frame."""
        return self._last

    def connect(self) -> None:
        """A new connection begins."""
        self._offset, self._fresh = None, True

    def at(self, seconds: float | None, fps: float) -> float:
        """Seconds of the next frame."""
        now = self._passed()
        timed = seconds is not None and math.isfinite(seconds)
        if not timed:
            shown = self._next(now, fps)
        else:
            assert seconds is not None
            if self._offset is None:
                self._offset = self._first(seconds, self._next(now, fps))
            shown = seconds + self._offset
            if self.is_live and abs(shown - now) > _JUMP:
                self._offset, shown = now - seconds, now
        if self._some and shown < self._last:
            shown = max(now, self._last) if self.is_live else self._last + _step(fps)
        self._step = max(shown - self._last, 0.0) or self._step
        self._last, self._some, self._fresh = max(shown, 0.0), True, False
        return self._last

    def _next(self, now: float, fps: float) -> float:
        """Where a frame without a time belongs."""
        if not self._some:
            return 0.0
        if self._fresh:
            return now if self.is_live else self._last + self._step
        return now if self.is_live and not fps else self._last + _step(fps)

    def _first(self, seconds: float, begin: float) -> float:
        """What is added to the seconds of this connection. A recording's own count from its start."""
        return 0.0 if not self._some and not self.is_live else begin - seconds

    def _passed(self) -> float:
        if not self._some:
            self._began = self._clock()
        return self._clock() - self._began


class Source(ABC):
    """Frames of one place. `name` is what moments carry, without passwords; `is_live` for what cannot wait. A source is read
    by one thread; `interrupt` may be called from another.
    """

    def __init__(self, name: str, *, is_live: bool) -> None:
        self.name, self.is_live = redact(name), is_live
        self._index = 0
        self._timeline = Timeline(is_live=is_live)
        self._stopped = threading.Event()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    @abstractmethod
    def connect(self) -> Iterator[Raw]:
        """Frames of one connection until it ends for good; raises Lost where another may go on, OcellaError where not."""

    def shots(self) -> Iterator[Shot]:
        """Frames of one connection with their moments; indices and seconds go on from the last connection."""
        self._timeline.connect()
        for raw in self.connect():
            yield Shot(self._moment(raw), raw.pixels, raw.name)

    def images(self) -> Iterator[Image]:
        """Pictures of one connection; raises Unreadable at a broken one."""
        for shot in self.shots():
            yield shot.image()

    def interrupt(self) -> None:
        """Let the reading thread end as soon as it can; no frame comes after it."""
        self._stopped.set()

    @property
    def interrupted(self) -> bool:
        """Whether `interrupt` was called."""
        return self._stopped.is_set()

    def _moment(self, raw: Raw) -> Moment:
        seconds = self._timeline.last if raw.broken else self._timeline.at(raw.seconds, raw.fps)
        index, self._index = self._index, self._index + 1
        recorded = raw.recorded_at + seconds if raw.recorded_at else 0.0
        taken_at = time.time() if self.is_live else recorded
        return Moment(self.name, index, seconds, raw.fps, taken_at, not self.is_live)


def _step(fps: float) -> float:
    return 1 / fps if fps else 0.0


def broken(why: str) -> Callable[[], Any]:
    """What decodes a frame that cannot be decoded."""

    def decode() -> Pixels:
        raise Unreadable(redact(why))

    return decode
