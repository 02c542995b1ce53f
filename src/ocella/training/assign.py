"""Which cell answers for which box: adaptive training sample selection (ATSS, Zhang et al. 2020)."""

import numpy as np
import numpy.typing as npt

from ocella.models.detection.nanodet_decode import STRIDES, cells

__all__ = ["assign"]

Indices = npt.NDArray[np.int64]
Floats = npt.NDArray[np.floating]

_WINDOW = 7
"""The nearest 9 cells of a grid lie in this many rows and columns around a point."""


def assign(
    xyxy: Floats, input_hw: tuple[int, int], *, nearest: int = 9, anchor_strides: float = 5.0
) -> tuple[Indices, Indices]:
    """Cells that answer and the box each answers for, for boxes (n, 4) in input pixels. Of each stride the `nearest`
    cells by centre are candidates; those overlap their square anchor at least mean + deviation and sit inside the box.
    """
    if not len(xyxy):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    centres, strides = cells(input_hw)
    candidates = _candidates((xyxy[:, :2] + xyxy[:, 2:]) / 2, input_hw, nearest)
    at, half = centres[candidates], strides[candidates][..., None] * anchor_strides / 2
    overlap = _overlap(at - half, at + half, xyxy)
    enough = overlap >= overlap.mean(0) + overlap.std(0, ddof=1)
    inside = np.minimum(at - xyxy[:, :2], xyxy[:, 2:] - at).min(2) > 0.01
    row, box = np.nonzero(enough & inside)
    cell = candidates[row, box]
    # a cell that several boxes want answers for the one that its anchor overlaps most
    order = np.lexsort((box, -overlap[row, box], cell))
    taken, first = np.unique(cell[order], return_index=True)
    return taken, box[order][first]


def _candidates(middle: Floats, input_hw: tuple[int, int], nearest: int) -> Indices:
    """The `nearest` cells of each stride to each point (n, 2), (strides x nearest, n)."""
    chosen, start = [], 0
    for stride in STRIDES:
        rows, columns = input_hw[0] // stride, input_hw[1] // stride
        x = _around(middle[:, 0] / stride - 0.5, columns)
        y = _around(middle[:, 1] / stride - 0.5, rows)
        apart = (
            np.square((y + 0.5) * stride - middle[:, 1])[:, None] + np.square((x + 0.5) * stride - middle[:, 0])[None]
        )
        number = y[:, None] * columns + x[None]
        apart, number = apart.reshape(-1, len(middle)), number.reshape(-1, len(middle))
        take = min(nearest, len(apart))
        best = np.argpartition(apart, take - 1, axis=0)[:take]
        chosen.append(np.take_along_axis(number, best, 0) + start)
        start += rows * columns
    return np.concatenate(chosen)


def _around(place: Floats, size: int) -> Indices:
    """Consecutive grid numbers around each place (n,), kept within 0..size, (window, n)."""
    window = min(_WINDOW, size)
    first = np.clip(np.rint(place).astype(np.int64) - window // 2, 0, size - window)
    return np.asarray(first[None] + np.arange(window)[:, None], np.int64)


def _overlap(low: Floats, high: Floats, xyxy: Floats) -> npt.NDArray[np.float64]:
    """IoU of anchors (k, n, 2) to (k, n, 2) with the box of their column."""
    low, high, xyxy = low.astype(np.float64), high.astype(np.float64), xyxy.astype(np.float64)
    sides = np.minimum(high, xyxy[:, 2:]) - np.maximum(low, xyxy[:, :2])
    shared = np.maximum(sides, 0).prod(2)
    union = (high - low).prod(2) + (xyxy[:, 2:] - xyxy[:, :2]).prod(1) - shared
    return np.asarray(shared / np.maximum(union, 1e-12))
