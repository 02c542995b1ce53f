"""A quadrilateral seen from straight above."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue

__all__ = ["cornered", "enlarged", "moved", "to_rectangle"]

Numbers = npt.NDArray[np.float64]

_SIDES = {"left": (0, 1), "right": (2, 3), "bottom": (3, 0), "top": (1, 2)}


def cornered(polygon: npt.ArrayLike) -> Numbers:
    """Four corners (4, 2) in the order bottom left, top left, top right, bottom right. Raises InvalidValue for anything
    else, and for corners that span no area.
    """
    points = np.asarray(polygon, np.float64)
    if points.shape != (4, 2) or not np.isfinite(points).all():
        raise InvalidValue(f"A perspective polygon must be 4 points [x, y], got {points.tolist()}.")
    low, high = points.min(axis=0), points.max(axis=0)
    middle = (low + high) / 2
    around = np.arctan2(middle[0] - points[:, 0], middle[1] - points[:, 1])
    turned = points[np.argsort(-around, kind="stable")]  # clockwise on the screen
    wanted = np.array([[low[0], high[1]], low, [high[0], low[1]], high])
    choices = [np.roll(turned, shift, axis=0) for shift in range(4)]
    costs = [(np.linalg.norm(c - wanted, axis=1).sum(), c[0, 0]) for c in choices]
    best = choices[min(range(4), key=lambda i: (round(costs[i][0], 9), costs[i][1]))]
    if abs(_cross(best[2] - best[0], best[3] - best[1])) < 1e-6:
        raise InvalidValue(f"A perspective polygon must span an area, got {points.tolist()}.")
    return np.asarray(best)


def to_rectangle(corners: Numbers, size_hw: tuple[int, int]) -> Numbers:
    """The matrix (3, 3) that takes the corners to those of an upright rectangle."""
    import cv2

    bottom, right = size_hw[0] - 1, size_hw[1] - 1
    target = np.array([[0, bottom], [0, 0], [right, 0], [right, bottom]], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(corners.astype(np.float32), target))


def moved(points: npt.ArrayLike, matrix: Numbers) -> Numbers:
    """Points (n, 2) after the matrix."""
    xy = np.asarray(points, np.float64).reshape(-1, 2)
    out = np.column_stack([xy, np.ones(len(xy))]) @ matrix.T
    return np.asarray(out[:, :2] / out[:, 2:])


def enlarged(corners: Numbers, objects: Iterable[Any]) -> tuple[Numbers, tuple[float, float]]:
    """Corners pushed outwards, each side parallel to itself, until no point of the objects lies outside, and by which shares
    of the longer width and height. An object is, for each side, the points that this side must not leave out.
    """
    lengths = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    height, width = max(lengths[0], lengths[2]), max(lengths[1], lengths[3])
    grown = {"left": 0.0, "right": 0.0, "bottom": 0.0, "top": 0.0}
    for points in objects:
        for side, (a, b) in _SIDES.items():
            for point in np.asarray(points[side], np.float64):
                if _outside(corners, a, b, point):
                    before = corners
                    corners = _pushed(corners, a, b, point)
                    tracked = b if side in ("right", "bottom") else a
                    grown[side] += float(np.linalg.norm(corners[tracked] - before[tracked]))
    across, down = grown["left"] + grown["right"], grown["bottom"] + grown["top"]
    return corners, (across / max(width, 1.0), down / max(height, 1.0))


def _outside(corners: Numbers, a: int, b: int, point: Numbers) -> bool:
    import cv2

    if cv2.pointPolygonTest(corners.astype(np.float32), (float(point[0]), float(point[1])), False) >= 0:
        return False
    return _cross(corners[b] - corners[a], point - corners[a]) <= 0


def _pushed(corners: Numbers, a: int, b: int, point: Numbers) -> Numbers:
    """Corners a and b moved along the other two sides onto the parallel through the point, in whole pixels."""
    made = corners.copy()
    along = corners[b] - corners[a]
    for corner, other in ((a, (a - 1) % 4), (b, (b + 1) % 4)):
        side = corners[corner] - corners[other]
        slope = _cross(side, along)
        if abs(slope) < 1e-9:
            raise InvalidValue(
                "The perspective polygon cannot be extended: two of its neighbouring sides are parallel."
            )
        made[corner] = np.rint(corners[other] + side * (_cross(point - corners[other], along) / slope))
    return made


def _cross(a: Numbers, b: Numbers) -> float:
    return float(a[0] * b[1] - a[1] * b[0])
