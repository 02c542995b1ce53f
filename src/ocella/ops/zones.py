"""Places drawn on a picture: polygons, lines, paths; and points in, across and along them."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue

__all__ = ["as_path", "as_polygons", "beside", "frechet_row", "inside", "side"]

Points = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def as_path(points: Any, what: str, at_least: int, at_most: int | None = None) -> Points:
    """Points (k, 2) from a list of [x, y]; raises InvalidValue that names `what`."""
    try:
        path = np.asarray(points, np.float64)
    except (TypeError, ValueError):
        path = np.zeros(0)
    fits = path.ndim == 2 and path.shape[1] == 2 and np.isfinite(path).all()
    if not fits or len(path) < at_least or (at_most is not None and len(path) > at_most):
        number = str(at_least) if at_most == at_least else f"at least {at_least}"
        raise InvalidValue(f"{what} must be {number} points [x, y], got {_short(points)}. Draw it again.")
    return path


def as_polygons(zone: Any, what: str) -> list[Points]:
    """Polygons from one (a list of points) or from a list of them; raises InvalidValue that names `what`."""
    items = list(zone) if isinstance(zone, list | tuple | np.ndarray) else []
    if items and all(_depth(item) == 2 for item in items):
        return [as_path(item, what, 3) for item in items]
    return [as_path(zone, what, 3)] if items else []


def inside(points: Points, polygon: Points) -> Flags:
    """Whether each point (n, 2) is in the polygon (k, 2) or on its border; even-odd where it crosses itself."""
    x, y = points[:, None, 0], points[:, None, 1]
    (x1, y1), (x2, y2) = polygon.T, np.roll(polygon, -1, axis=0).T
    turn = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)
    within = ((x - x1) * (x - x2) <= 0) & ((y - y1) * (y - y2) <= 0)
    on = (np.abs(turn) <= 1e-9 * (np.abs(x2 - x1) + np.abs(y2 - y1) + 1)) & within
    crosses = ((y1 > y) != (y2 > y)) & ((turn > 0) == (y2 > y1))
    return np.asarray((crosses.sum(axis=1) % 2 == 1) | on.any(axis=1))


def side(points: Points, start: Points, end: Points) -> Flags:
    """Whether points (..., 2) are on the left of the way from `start` to `end`, y pointing down; not so on the line."""
    way, off = end - start, points - start
    return np.asarray(way[0] * off[..., 1] - way[1] * off[..., 0] < 0)


def beside(points: Points, start: Points, end: Points) -> Flags:
    """Whether points (..., 2) lie between the ends of the line from `start` to `end`, however far away."""
    way = end - start
    along = (points - start) @ way
    return np.asarray((along >= 0) & (along < way @ way))


def frechet_row(before: Points, far: Points) -> Points:
    """Discrete Fréchet distances (n, k) between ways walked so far and the first 1..k points of a path, from the row before
    the last step (n, k; infinity for ways that begin) and the distances `far` of where the ways are now from each point.
    """
    row = np.empty_like(far)
    begins = ~np.isfinite(before[:, 0])
    row[:, 0] = np.where(begins, far[:, 0], np.maximum(before[:, 0], far[:, 0]))
    for j in range(1, far.shape[1]):
        best = np.minimum(np.minimum(before[:, j], before[:, j - 1]), row[:, j - 1])
        row[:, j] = np.maximum(best, far[:, j])
    return row


def _depth(value: Any) -> int:
    if isinstance(value, np.ndarray):
        return value.ndim
    return 1 + max((_depth(v) for v in value), default=0) if isinstance(value, list | tuple) else 0


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
