"""The last values of a stream."""

from collections import deque
from typing import Annotated, Any

from pydantic import Field

from ocella.types import Image
from ocella.workflows.block import Block, source_of

__all__ = ["UNITS"]


class Buffer(Block):
    """The last `length` values, newest first; with `pad` always so many, None for those that have not come yet. Pictures of
    several videos are kept apart.
    """

    type = "buffer@v1"
    aliases = ("Buffer",)
    stateful = True
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [{"type": "buffer", "name": "last", "data": "$inputs.image", "length": 3}],
        "outputs": [{"type": "JsonField", "name": "images", "selector": "$steps.last.output"}],
    }

    length: Annotated[int, Field(ge=1)]
    pad: bool = False

    def setup(self) -> None:
        """Nothing has come yet."""
        self._kept: dict[str, deque[Any]] = {}

    def run(self, data: Any) -> list[Any]:
        """The values up to this one."""
        source = source_of(data) if isinstance(data, Image) else ""
        kept = deque(self._kept.get(source, ()), maxlen=self.length)
        kept.appendleft(data)
        self._kept[source] = kept
        return [*kept, *([None] * (self.length - len(kept)) if self.pad else [])]


UNITS = (Buffer,)
