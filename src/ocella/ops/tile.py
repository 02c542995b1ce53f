"""An image cut into overlapping windows."""

import math

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue

__all__ = ["slices", "tiles"]


def tiles(size_hw: tuple[int, int], rows: int, columns: int, overlap: float = 0.25) -> npt.NDArray[np.float32]:
    """Windows (rows * columns, 4) of one size, row by row, in whole pixels, that cover the image; neighbours share
    `overlap` (0..1) of a window.
    """
    if rows < 1 or columns < 1:
        raise InvalidValue(f"rows and columns must be at least 1, got {rows} and {columns}.")
    if not 0 <= overlap < 1:
        raise InvalidValue(f"overlap must be at least 0 and under 1, got {overlap}.")
    tops, height = _cuts(size_hw[0], rows, overlap)
    lefts, width = _cuts(size_hw[1], columns, overlap)
    return np.array([(x, y, x + width, y + height) for y in tops for x in lefts], np.float32)


def slices(size_hw: tuple[int, int], slice_hw: tuple[int, int], overlap: float = 0.25) -> npt.NDArray[np.float32]:
    """Windows (n, 4) of at most `slice_hw` pixels, row by row, that cover the image; neighbours share at least `overlap`
    (0..1) of a window.
    """
    if min(slice_hw) < 1:
        raise InvalidValue(f"slice_hw must be at least (1, 1), got {slice_hw}.")
    if not 0 <= overlap < 1:
        raise InvalidValue(f"overlap must be at least 0 and under 1, got {overlap}.")
    (tops, height), (lefts, width) = (_steps(*sizes, overlap) for sizes in zip(size_hw, slice_hw, strict=True))
    return np.array([(x, y, x + width, y + height) for y in tops for x in lefts], np.float32)


def _steps(length: int, size: int, overlap: float) -> tuple[list[int], int]:
    """Where windows of `size` start, the last one moved back to end with the image."""
    if size >= length:
        return [0], length
    step = max(1, math.floor(size * (1 - overlap)))
    return [*range(0, length - size, step), length - size], size


def _cuts(length: int, parts: int, overlap: float) -> tuple[list[int], int]:
    size = min(length, math.ceil(length / (parts - (parts - 1) * overlap)))
    return [round(i * (length - size) / max(parts - 1, 1)) for i in range(parts)], size
