"""What takes the results of a stream."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Literal

from ocella.errors import InvalidValue
from ocella.workflows.video.frame_result import FrameResult

__all__ = ["Callback", "Sink", "as_sink"]


class Sink(ABC):
    """Takes results in a thread of its own, one at a time. A sink that is slower than the stream makes it `wait`, or lets go
    the oldest results. What `write` raises is counted and told; the stream goes on.
    """

    name: str = ""
    full: Literal["wait", "drop-oldest"] = "wait"
    size: int = 16
    """How many results wait at most."""

    def open(self, sources: Sequence[str]) -> None:  # noqa: B027  # not every sink has something to open
        """Called once before the first result, with the names of all sources; what it raises keeps the stream from starting."""

    @abstractmethod
    def write(self, result: FrameResult) -> None:
        """One result."""

    def close(self) -> None:  # noqa: B027  # as above
        """Called once after the last result."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about what was written."""
        return ()


class Callback(Sink):
    """A function that takes each result."""

    def __init__(
        self, function: Callable[[FrameResult], object], *, full: Literal["wait", "drop-oldest"] = "wait"
    ) -> None:
        self.function, self.full = function, full
        self.name = getattr(function, "__name__", type(function).__name__)

    def write(self, result: FrameResult) -> None:
        """Calls it."""
        self.function(result)


def as_sink(given: Sink | Callable[[FrameResult], object]) -> Sink:
    """A function as a sink; raises InvalidValue for anything else."""
    if isinstance(given, Sink):
        return given
    if callable(given):
        return Callback(given)
    raise InvalidValue(f"A sink is a Sink or a function that takes a result, got {type(given).__name__}.")
