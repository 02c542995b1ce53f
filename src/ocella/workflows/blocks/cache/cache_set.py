"""A value left for later."""

from collections.abc import Mapping
from typing import Any, ClassVar

from ocella.types import Image
from ocella.workflows.block import Block
from ocella.workflows.blocks.cache._store import Store

__all__ = ["UNITS"]


class CacheSet(Block):
    """Leave a value under `key` for cache_get of the same video, until the session ends."""

    type = "cache_set@v1"
    stateful = True
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}, {"type": "WorkflowParameter", "name": "count"}],
        "steps": [
            {"type": "cache_set", "name": "leave", "image": "$inputs.image", "key": "count", "value": "$inputs.count"},
        ],
        "outputs": [{"type": "JsonField", "name": "count", "selector": "$steps.leave.output"}],
    }

    key: str

    def setup(self) -> None:
        """Share the store."""
        self._store = Store.of(self.services)

    def close(self) -> None:
        """Give it back."""
        self._store.give_back()

    def run(self, image: Image, value: Any) -> Any:
        """The value that was given."""
        self._store.put(image, self.key, value)
        return value


UNITS = (CacheSet,)
