"""Selectors: `$inputs.name`, `$steps.step.output`, `$steps.step.*`, `$steps.step`."""

import re
from dataclasses import dataclass
from typing import Any

__all__ = ["Selector", "is_selector"]

_PATTERN = re.compile(r"\$(inputs|steps)\.([A-Za-z_0-9-]+)(?:\.([A-Za-z_0-9-]+|\*))?")


@dataclass(frozen=True)
class Selector:
    """Where a value comes from. `output` is '' for an input and for a step itself, `*` for all outputs."""

    root: str
    name: str
    output: str = ""

    @classmethod
    def read(cls, text: Any) -> "Selector | None":
        """The selector that a text is, whole; None for anything else."""
        match = _PATTERN.fullmatch(text) if isinstance(text, str) and text.startswith("$") else None
        if match is None or (match[1] == "inputs" and match[3]):
            return None
        return cls(match[1], match[2], match[3] or "")

    def __str__(self) -> str:
        return f"${self.root}.{self.name}" + (f".{self.output}" if self.output else "")


def is_selector(text: Any) -> bool:
    """Whether a value is meant as a selector: `$inputs...` or `$steps...`."""
    return isinstance(text, str) and text.startswith(("$inputs.", "$steps."))
