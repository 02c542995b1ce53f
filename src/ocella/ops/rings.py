"""Closed rings of points, such as outlines drawn by hand."""

import numpy as np
import numpy.typing as npt

__all__ = ["clip_ring", "ring_area"]

Ring = npt.NDArray[np.float64]


def ring_area(ring: Ring) -> float:
    """Area inside a ring (k, 2), square pixels."""
    if len(ring) < 3:
        return 0.0
    x, y = ring[:, 0], ring[:, 1]
    return abs(float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2)


def clip_ring(ring: Ring, size_hw: tuple[int, int]) -> Ring:
    """The part of a ring within the image, (m, 2), m = 0 where none is (Sutherland and Hodgman 1974)."""
    height, width = size_hw
    for axis, limit, sign in ((0, 0.0, 1), (0, float(width), -1), (1, 0.0, 1), (1, float(height), -1)):
        ring = _clip_side(ring, axis, limit, sign)
    return ring


def _clip_side(ring: Ring, axis: int, limit: float, sign: int) -> Ring:
    kept: list[npt.NDArray[np.float64]] = []
    for here, there in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        inside, next_inside = (sign * (p[axis] - limit) >= 0 for p in (here, there))
        if inside:
            kept.append(here)
        if inside != next_inside:
            kept.append(here + (there - here) * (limit - here[axis]) / (there[axis] - here[axis]))
    return np.array(kept, np.float64).reshape(-1, 2)
