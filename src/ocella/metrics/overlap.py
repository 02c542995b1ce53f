"""Intersection over union as COCO measures it: a crowd counts by the share of the prediction that it covers."""

import numpy as np
import numpy.typing as npt

from ocella.types import Masks

__all__ = ["box_overlap", "mask_overlap"]

Matrix = npt.NDArray[np.float64]
Crowd = npt.NDArray[np.bool_]


def box_overlap(found: npt.NDArray[np.floating], truth: npt.NDArray[np.floating], crowd: Crowd | None = None) -> Matrix:
    """(n, m) of boxes (n, 4) and (m, 4); `crowd` (m,) marks truths that stand for many objects."""
    a, b = (np.asarray(x, np.float64).reshape(-1, 4) for x in (found, truth))
    sides = [
        np.maximum(np.minimum(a[:, None, 2 + k], b[None, :, 2 + k]) - np.maximum(a[:, None, k], b[None, :, k]), 0)
        for k in (0, 1)
    ]
    areas = [(x[:, 2] - x[:, 0]) * (x[:, 3] - x[:, 1]) for x in (a, b)]
    return _ratio(sides[0] * sides[1], areas[0], areas[1], crowd)


def mask_overlap(found: Masks, truth: Masks, crowd: Crowd | None = None) -> Matrix:
    """(n, m) of masks of one image, from their run lengths."""
    common = found.intersection(truth).astype(np.float64)
    return _ratio(common, found.area.astype(np.float64), truth.area.astype(np.float64), crowd)


def _ratio(common: Matrix, a: Matrix, b: Matrix, crowd: Crowd | None) -> Matrix:
    whole = a[:, None] + b[None] - common
    if crowd is not None:
        whole = np.where(crowd[None], a[:, None], whole)
    return np.divide(common, whole, out=np.zeros_like(common), where=whole > 0)
