"""Which cell answers for which box: adaptive training sample selection (ATSS, Zhang et al. 2020)."""

import numpy as np
import numpy.typing as npt

from ocella.models.nanodet_decode import STRIDES, cells
from ocella.ops.iou import iou

__all__ = ["assign"]

Indices = npt.NDArray[np.int64]


def assign(
    xyxy: npt.NDArray[np.float32], input_hw: tuple[int, int], *, nearest: int = 9, anchor_strides: float = 5.0
) -> tuple[Indices, Indices]:
    """Cells that answer and the box each answers for, for boxes (n, 4) in input pixels. Of each stride the `nearest`
    cells by centre are candidates; those overlap their square anchor at least mean + deviation and sit inside the box.
    """
    if not len(xyxy):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    centres, strides = cells(input_hw)
    middle = (xyxy[:, :2] + xyxy[:, 2:]) / 2
    candidates = _nearest(np.square(centres[:, None] - middle[None]).sum(2), input_hw, nearest)
    half = strides[:, None] * anchor_strides / 2
    overlap = iou(np.concatenate([centres - half, centres + half], 1), xyxy)
    found = np.take_along_axis(overlap, candidates, 0)
    enough = found >= found.mean(0) + found.std(0, ddof=1)
    at = centres[candidates]
    inside = np.minimum(at - xyxy[:, :2], xyxy[:, 2:] - at).min(2) > 0.01
    score = np.full(overlap.shape, -1.0)
    row, box = np.nonzero(enough & inside)
    score[candidates[row, box], box] = found[row, box]
    taken = np.flatnonzero(score.max(1) >= 0)
    return taken, score[taken].argmax(1)


def _nearest(distance: npt.NDArray[np.float32], input_hw: tuple[int, int], count: int) -> Indices:
    """Rows of the `count` smallest distances of each stride and box, (strides x count, n)."""
    chosen, start = [], 0
    for stride in STRIDES:
        size = (input_hw[0] // stride) * (input_hw[1] // stride)
        part = distance[start : start + size]
        take = min(count, size)
        chosen.append(np.argpartition(part, take - 1, axis=0)[:take] + start)
        start += size
    return np.concatenate(chosen).astype(np.int64)
