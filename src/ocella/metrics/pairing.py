"""Objects of two label sets of one image, paired one to one."""

import numpy as np
import numpy.typing as npt

from ocella.metrics.overlap import box_overlap
from ocella.types import Detections

__all__ = ["pair"]

Indices = npt.NDArray[np.int64]


def pair(a: Detections, b: Detections, iou: float = 0.5) -> tuple[Indices, Indices, npt.NDArray[np.float64]]:
    """(rows of a, rows of b, their IoU) that overlap by at least `iou`: those of one class name first, then the others;
    the largest overlap first.
    """
    overlap = box_overlap(a.xyxy, b.xyxy)
    same = np.array([[p == q for q in b.names] for p in a.names], bool).reshape(overlap.shape)
    rows, columns = np.nonzero(overlap >= iou)
    order = np.lexsort((columns, rows, -overlap[rows, columns], ~same[rows, columns]))
    left, right = set(range(len(a))), set(range(len(b)))
    pairs: list[tuple[int, int]] = []
    for i, j in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if i in left and j in right:
            left.remove(i)
            right.remove(j)
            pairs.append((i, j))
    table = np.array(pairs, np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1], overlap[table[:, 0], table[:, 1]]
