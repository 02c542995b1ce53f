"""Images in groups that go through a network together."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import numpy.typing as npt

__all__ = ["batches", "by_shape"]

T = TypeVar("T")


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Groups of `size` in order; the last may be shorter."""
    yield from (items[start : start + size] for start in range(0, len(items), size))


def by_shape(arrays: Sequence[npt.NDArray[Any]]) -> list[list[int]]:
    """Numbers of arrays of one shape: without padding, a result does not depend on its company."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for row, array in enumerate(arrays):
        groups.setdefault(array.shape, []).append(row)
    return list(groups.values())
