"""Going on when something changes."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from ocella.types import Image
from ocella.workflows.block import Block, Targets, source_of

__all__ = ["UNITS"]

_NOTHING = object()


class DeltaFilter(Block):
    """Let `next_steps` run where `value` is another than the last time for the same video, and the first time."""

    type = "delta_filter@v1"
    stateful = True
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}, {"type": "WorkflowParameter", "name": "count"}],
        "steps": [
            {
                "type": "delta_filter",
                "name": "changed",
                "image": "$inputs.image",
                "value": "$inputs.count",
                "next_steps": ["$steps.grey"],
            },
            {"type": "convert_grayscale", "name": "grey", "image": "$inputs.image"},
        ],
        "outputs": [{"type": "JsonField", "name": "grey", "selector": "$steps.grey.image"}],
    }

    next_steps: Targets

    def setup(self) -> None:
        """No video seen."""
        self._last: dict[str, Any] = {}

    def run(self, image: Image, value: Any) -> Targets:
        """All of the steps, or none."""
        source = source_of(image)
        before, self._last[source] = self._last.get(source, _NOTHING), value
        return [] if before is not _NOTHING and _same(before, value) else self.next_steps


def _same(a: Any, b: Any) -> bool:
    """Equal, arrays by their elements."""
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and np.array_equal(a, b)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(_same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[k], b[k]) for k in a)
    return bool(a == b)


UNITS = (DeltaFilter,)
