"""How one source is read: what happens when it is faster than the workflow, and when it is lost."""

import math
from dataclasses import dataclass
from typing import Any, Literal

from ocella.errors import InvalidValue

__all__ = ["Feed", "Full", "Retry"]

Full = Literal["wait", "drop-oldest", "drop-newest"]
"""What happens to a frame that comes when the buffer is full: it waits, takes the place of the oldest, or is let go."""


@dataclass(frozen=True)
class Retry:
    """How a lost live source is connected anew: `attempts` in a row (None: for ever), waiting `first` seconds, then `factor`
    times as long each time, `longest` at most.
    """

    attempts: int | None = 20
    first: float = 0.5
    factor: float = 2.0
    longest: float = 30.0

    def __post_init__(self) -> None:
        if self.attempts is not None and self.attempts < 0:
            raise InvalidValue(f"attempts must be at least 0, or None for ever, got {self.attempts}.")
        if not (0 <= self.first <= self.longest < math.inf and self.factor >= 1):
            raise InvalidValue(
                f"Waits must be at least 0, the first no longer than the longest, and factor at least 1, got "
                f"first {self.first}, longest {self.longest}, factor {self.factor}."
            )

    def delay(self, attempt: int) -> float:
        """Seconds to wait before an attempt, counted from 1."""
        try:
            return min(self.first * self.factor ** (attempt - 1), self.longest)
        except OverflowError:
            return self.longest


@dataclass(frozen=True)
class Feed:
    """A source and how it is read. `source` is what `open_source` takes, or a Source. None leaves it to the stream: files wait
    in a buffer of 8 frames; live sources drop the oldest of 2. `max_fps` counts in the source's own time.
    """

    source: Any
    full: Full | None = None
    buffer: int | None = None
    max_fps: float | None = None
    retry: Retry | None = None

    def __post_init__(self) -> None:
        if self.full not in (None, "wait", "drop-oldest", "drop-newest"):
            raise InvalidValue(f"full must be 'wait', 'drop-oldest' or 'drop-newest', got {self.full!r}.")
        if self.buffer is not None and self.buffer < 1:
            raise InvalidValue(f"buffer must hold at least 1 frame, got {self.buffer}.")
        if self.max_fps is not None and not 0 < self.max_fps < math.inf:
            raise InvalidValue(f"max_fps must be above 0, got {self.max_fps}.")

    def over(self, other: "Feed") -> "Feed":
        """This one, with what it leaves open as the other says."""
        return Feed(
            self.source,
            self.full or other.full,
            self.buffer or other.buffer,
            self.max_fps or other.max_fps,
            self.retry or other.retry,
        )
