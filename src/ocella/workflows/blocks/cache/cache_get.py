"""A value that was left before."""

from collections.abc import Mapping
from typing import Any, ClassVar

from ocella.types import Image
from ocella.workflows.block import Block
from ocella.workflows.blocks.cache._store import Store

__all__ = ["UNITS"]


class CacheGet(Block):
    """The value that cache_set left under `key`, for the same video, in this run or an earlier one of the session; false where
    there is none.
    """

    type = "cache_get@v1"
    stateful = True
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [{"type": "cache_get", "name": "before", "image": "$inputs.image", "key": "count"}],
        "outputs": [{"type": "JsonField", "name": "before", "selector": "$steps.before.output"}],
    }

    key: str

    def setup(self) -> None:
        """Share the store."""
        self._store = Store.of(self.services)

    def close(self) -> None:
        """Give it back."""
        self._store.give_back()

    def run(self, image: Image) -> Any:
        """The value."""
        return self._store.get(image, self.key)


UNITS = (CacheGet,)
