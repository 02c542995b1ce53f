"""Values that steps leave for each other and for later runs."""

import threading
from typing import Any

from ocella.types import Image
from ocella.workflows.block import source_of
from ocella.workflows.services import Services

__all__ = ["Store"]

_KEY = "cache"
_LOCK = threading.Lock()


class Store:
    """Values by video and key, kept as long as a step uses them."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], Any] = {}
        self._users = 0

    @classmethod
    def of(cls, services: Services) -> "Store":
        """The store that all steps with these services use; each gives it back."""
        with _LOCK:
            store: Store = services.shared.setdefault(_KEY, cls())
            store._users += 1  # its own class
            return store

    def give_back(self) -> None:
        """With the last user the values go."""
        with _LOCK:
            self._users -= 1
            if self._users <= 0:
                self._values.clear()

    def get(self, image: Image, key: str) -> Any:
        """The value, False where there is none."""
        return self._values.get((source_of(image), key), False)

    def put(self, image: Image, key: str, value: Any) -> None:
        """Replace the value."""
        self._values[source_of(image), key] = value
