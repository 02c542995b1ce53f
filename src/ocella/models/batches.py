"""Images in groups that go through a network together."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

__all__ = ["batches"]

T = TypeVar("T")


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Groups of `size` in order; the last may be shorter."""
    yield from (items[start : start + size] for start in range(0, len(items), size))
