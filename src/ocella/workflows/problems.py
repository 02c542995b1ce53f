"""What is wrong with a definition: where, what was expected, what to do."""

import difflib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

__all__ = ["Problem", "nearest", "short"]


@dataclass(frozen=True)
class Problem:
    """One fault of a definition at a step (or an input, an output; '' for the whole) and field. A `warning` lets it run."""

    step: str
    field: str
    value: Any
    expected: str
    suggestion: str
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        named = self.step.startswith(("output ", "$inputs.", "custom block "))
        where = [self.step if named else f"step '{self.step}'"] if self.step else []
        where += [f"'{self.field}'"] if self.field else []
        return f"{', '.join(where)}: expected {self.expected}, got {short(self.value)}. {self.suggestion}".removeprefix(
            ": "
        )

    def to_json(self) -> dict[str, Any]:
        """JSON form; a value that is no JSON comes as text."""
        plain = self.value if isinstance(self.value, str | int | float | bool | None | list | dict) else str(self.value)
        return {**asdict(self), "value": plain, "message": str(self)}


def nearest(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """A sentence with the nearest known name, or `otherwise`."""
    names = sorted(set(known))
    near = difflib.get_close_matches(str(name), names, n=3, cutoff=0.55)
    if near:
        return "Did you mean " + " or ".join(f"'{n}'" for n in near) + "?"
    if otherwise:
        return otherwise
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return f"Known: {', '.join(names[:12])}{more}." if names else "There is none."


def short(value: Any) -> str:
    """A value in a message, cut where it is long."""
    text = repr(value)
    return text if len(text) <= 120 else text[:117] + "..."
