"""One point for each object: the middle, a corner or the middle of a side of its box."""

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.types import Detections

__all__ = ["Anchor", "anchors"]

Anchor = Literal[
    "CENTER",
    "CENTER_LEFT",
    "CENTER_RIGHT",
    "TOP_CENTER",
    "TOP_LEFT",
    "TOP_RIGHT",
    "BOTTOM_LEFT",
    "BOTTOM_CENTER",
    "BOTTOM_RIGHT",
    "CENTER_OF_MASS",
]
"""`CENTER_OF_MASS` is the mean of a mask's pixels; the others are of the box."""

_SHARES = {
    name: (
        0 if "LEFT" in name else 1 if "RIGHT" in name else 0.5,
        0 if "TOP" in name else 1 if "BOTTOM" in name else 0.5,
    )
    for name in get_args(Anchor)
}


def anchors(found: Detections, anchor: Anchor) -> npt.NDArray[np.float64]:
    """The point (x, y) of each object, (n, 2). Raises InvalidValue for `CENTER_OF_MASS` without masks."""
    boxes = np.asarray(found.xyxy, np.float64)
    if anchor != "CENTER_OF_MASS":
        return np.asarray(boxes[:, :2] + (boxes[:, 2:] - boxes[:, :2]) * np.array(_SHARES[anchor]))
    if found.masks is None:
        raise InvalidValue("CENTER_OF_MASS needs masks, got boxes only. Take CENTER, or a model that gives masks.")
    points = (boxes[:, :2] + boxes[:, 2:]) / 2
    for row, mask in enumerate(found.masks.dense()):
        if mask.any():
            points[row] = np.argwhere(mask).mean(axis=0)[::-1] + 0.5
    return points
