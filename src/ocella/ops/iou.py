"""How far boxes overlap."""

import numpy as np
import numpy.typing as npt

from ocella.ops.boxes import area

__all__ = ["covered", "intersection", "iou"]

Matrix = npt.NDArray[np.float64]


def intersection(a: npt.NDArray[np.floating], b: npt.NDArray[np.floating]) -> Matrix:
    """Common square pixels (n, m) of boxes a (n, 4) and b (m, 4)."""
    first, second = (np.asarray(x, np.float64).reshape(-1, 4) for x in (a, b))
    common = _shared(first, second, 0)
    common *= _shared(first, second, 1)
    return common


def iou(a: npt.NDArray[np.floating], b: npt.NDArray[np.floating]) -> Matrix:
    """Intersection over union (n, m) of boxes a (n, 4) and b (m, 4); 0 where both are without area."""
    common = intersection(a, b)
    union = area(a)[:, None] + area(b)[None] - common
    return np.divide(common, union, out=np.zeros_like(common), where=union > 0)


def covered(a: npt.NDArray[np.floating], b: npt.NDArray[np.floating]) -> Matrix:
    """Share (n, m) of each box of a that each box of b covers; 0 for a box without area."""
    common = intersection(a, b)
    whole = np.broadcast_to(area(a)[:, None], common.shape)
    return np.divide(common, whole, out=np.zeros_like(common), where=whole > 0)


def _shared(a: Matrix, b: Matrix, axis: int) -> Matrix:
    """Common length along one axis, 0 where apart."""
    length: Matrix = np.minimum(a[:, None, 2 + axis], b[None, :, 2 + axis])
    length -= np.maximum(a[:, None, axis], b[None, :, axis])
    return np.maximum(length, 0, out=length)
