"""What a run of a workflow gave."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Failure", "Result", "StepTrace"]


@dataclass(frozen=True)
class Failure:
    """One element on which a step failed; what depends on it is None. `path` are its indices, from the input image down."""

    step: str
    path: tuple[int, ...]
    cause: BaseException = field(compare=False)

    def __str__(self) -> str:
        from ocella.errors import StepFailed

        return str(StepFailed(self.step, self.path, self.cause))

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return {"step": self.step, "path": list(self.path), "type": type(self.cause).__name__, "message": str(self)}


@dataclass(frozen=True)
class StepTrace:
    """What one step took and gave, as flat lists over its elements, when it began (seconds since the run began), and how
    long it took in seconds. `remembered`: it did not run, for nothing had changed.
    """

    name: str
    began: float
    seconds: float
    elements: int
    inputs: Mapping[str, Sequence[Any]]
    outputs: Mapping[str, Sequence[Any]]
    thread: int = 0
    remembered: bool = False


@dataclass(frozen=True)
class Result:
    """One row an input image (one in all where no output depends on images), with the outputs by name; elements that
    failed; with `explain` what each step took and gave.
    """

    rows: tuple[Mapping[str, Any], ...]
    failures: tuple[Failure, ...] = ()
    steps: Mapping[str, StepTrace] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, row: int) -> Mapping[str, Any]:
        return self.rows[row]

    def chrome_trace(self) -> dict[str, Any]:
        """Times of the steps in the form that chrome://tracing and Perfetto open; needs a run with `explain`."""
        events = [
            {
                "name": trace.name,
                "ph": "X",
                "ts": round(trace.began * 1e6, 1),
                "dur": round(trace.seconds * 1e6, 1),
                "pid": 1,
                "tid": trace.thread,
                "args": {"elements": trace.elements, "remembered": trace.remembered},
            }
            for trace in self.steps.values()
        ]
        return {"traceEvents": events, "displayTimeUnit": "ms"}
