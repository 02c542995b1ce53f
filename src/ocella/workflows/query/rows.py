"""Properties of objects by the names that definitions use: for all at once, and for one."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, get_args

import numpy as np

from ocella.types import Detections
from ocella.workflows.wire_plain import decimals

__all__ = ["PROPERTIES", "Property", "Row", "column"]

Property = Literal[
    "confidence", "class_name", "class_id", "x_min", "x_max", "y_min", "y_max", "size", "center", "top_left", "top_right",
    "bottom_left", "bottom_right", "width", "height", "angle", "rect", "polygon", "tracker_id", "time_in_zone",
    "path_deviation", "in_out", "velocity", "speed", "smoothed_velocity", "smoothed_speed", "image_dimensions",
    "prediction_type", "keypoints_xy", "area_px", "area_converted",
]  # fmt: skip
PROPERTIES: tuple[str, ...] = get_args(Property)


class Row:
    """One of the objects of a Detections, without a copy; its columns are read once for all rows of one parent."""

    __slots__ = ("_columns", "detections", "index")

    def __init__(self, detections: Detections, index: int, columns: dict[str, list[Any]] | None = None) -> None:
        self.detections, self.index = detections, index
        self._columns = {} if columns is None else columns

    def get(self, name: str) -> Any:
        """A property; a point is a pair of numbers, not rounded."""
        values = self._columns.get(name)
        if values is None:
            values = self._columns[name] = column(self.detections, name)
        return values[self.index]

    def alone(self) -> Detections:
        """The object as Detections of one row."""
        return self.detections[self.index]

    @classmethod
    def of(cls, detections: Detections) -> list["Row"]:
        """Every object."""
        columns: dict[str, list[Any]] = {}
        return [cls(detections, i, columns) for i in range(len(detections))]


def column(detections: Detections, name: str) -> list[Any]:
    """A property of every object, None where an object has none."""
    reader = _READERS.get(name)
    if reader is not None:
        return reader(detections)
    if name in detections.data:
        return [_plain(value) for value in detections.data[name]]
    fallback = _FALLBACKS.get(name)
    return [None] * len(detections) if fallback is None else fallback(detections)


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def _points(x: int, y: int) -> Callable[[Detections], list[Any]]:
    return lambda d: list(zip(d.xyxy[:, x].tolist(), d.xyxy[:, y].tolist(), strict=True))


def _centers(d: Detections) -> list[Any]:
    middle = (d.xyxy[:, :2] + d.xyxy[:, 2:]) / 2
    return [(x, y) for x, y in middle.tolist()]


def _tracks(d: Detections) -> list[Any]:
    return [None] * len(d) if d.track_id is None else d.track_id.tolist()


def _polygons(d: Detections) -> list[Any]:
    """The outline of the largest part of each mask."""
    if d.masks is None:
        return [None] * len(d)
    return [max((p.outer for p in parts), key=_area, default=np.zeros((0, 2))).tolist() for parts in d.masks.polygons()]


def _area(ring: Any) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1)))


def _kinds(d: Detections) -> list[Any]:
    kind = (
        "instance-segmentation"
        if d.masks is not None
        else "keypoint-detection"
        if d.keypoints is not None
        else "object-detection"
    )
    return [kind] * len(d)


_READERS: Mapping[str, Callable[[Detections], list[Any]]] = {
    "confidence": lambda d: decimals(d.confidence),
    "class_name": lambda d: d.names,
    "class_id": lambda d: d.class_id.tolist(),
    "x_min": lambda d: d.xyxy[:, 0].tolist(),
    "y_min": lambda d: d.xyxy[:, 1].tolist(),
    "x_max": lambda d: d.xyxy[:, 2].tolist(),
    "y_max": lambda d: d.xyxy[:, 3].tolist(),
    "size": lambda d: d.area.tolist(),
    "center": _centers,
    "top_left": _points(0, 1),
    "top_right": _points(2, 1),
    "bottom_left": _points(0, 3),
    "bottom_right": _points(2, 3),
    "tracker_id": _tracks,
}
_FALLBACKS: Mapping[str, Callable[[Detections], list[Any]]] = {
    "width": lambda d: (d.xyxy[:, 2] - d.xyxy[:, 0]).tolist(),
    "height": lambda d: (d.xyxy[:, 3] - d.xyxy[:, 1]).tolist(),
    "polygon": _polygons,
    "prediction_type": _kinds,
    "image_dimensions": lambda d: [None if d.size_hw is None else list(d.size_hw)] * len(d),
    "keypoints_xy": lambda d: [None] * len(d) if d.keypoints is None else d.keypoints.xy.tolist(),
}
