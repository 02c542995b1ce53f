"""For each object the nearest of others."""

from typing import Annotated, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ocella.errors import InvalidValue
from ocella.ops.anchors import anchors
from ocella.types import Detections
from ocella.workflows.block import Block
from ocella.workflows.wire_detections import detection_ids

__all__ = ["UNITS"]

Point = Literal[
    "CENTER",
    "CENTER_LEFT",
    "CENTER_RIGHT",
    "TOP_CENTER",
    "TOP_LEFT",
    "TOP_RIGHT",
    "BOTTOM_LEFT",
    "BOTTOM_CENTER",
    "BOTTOM_RIGHT",
    "KEYPOINT",
]
Points = npt.NDArray[np.float64]

_TIE = 1.0
"""Pixels by which a distance may exceed the smallest and still count as equal."""
_MOST_PAIRS = 4_000_000


class Neighbors(NamedTuple):
    """All objects asked for, with `nearest_target_distance` in pixels (None without a neighbour); then the pairs, row by
    row: the object and its neighbour.
    """

    query_predictions: Detections
    matched_query_detections: Detections
    matched_target_detections: Detections


class DetectionsNearestNeighbor(Block):
    """Find for each object of `query_predictions` the nearest of `target_predictions`, between the chosen points of their
    boxes or a named keypoint, at most `max_distance` pixels away. Neighbours equally near, to a pixel, are all given. No
    object is its own neighbour.
    """

    type = "detections_nearest_neighbor@v1"
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {"type": "object_detection_model", "name": "find", "image": "$inputs.image", "model_id": "nanodet-g"},
            {
                "type": "detections_nearest_neighbor",
                "name": "near",
                "query_predictions": "$steps.find.predictions",
                "target_predictions": "$steps.find.predictions",
            },
        ],
        "outputs": [{"type": "JsonField", "name": "objects", "selector": "$steps.near.query_predictions"}],
    }

    query_point: Point = "CENTER"
    target_point: Point = "CENTER"
    query_keypoint_name: str | None = None
    target_keypoint_name: str | None = None
    max_distance: Annotated[int, Field(ge=0)] | None = None

    def run(self, query_predictions: Detections, target_predictions: Detections) -> Neighbors:
        """The objects and the pairs."""
        query, target = query_predictions, target_predictions
        if len(query) * len(target) > _MOST_PAIRS:
            raise InvalidValue(
                f"At most {_MOST_PAIRS} pairs can be compared, got {len(query)} x {len(target)}. Filter first."
            )
        from_points = _points(query, self.query_point, self.query_keypoint_name, "query")
        to_points = _points(target, self.target_point, self.target_keypoint_name, "target")
        away = np.linalg.norm(from_points[:, None] - to_points[None], axis=2)
        barred = np.isnan(away) | _same(query, target)
        if self.max_distance is not None:
            barred |= away > self.max_distance
        away = np.where(barred, np.inf, away)
        nearest = away.min(axis=1, initial=np.inf)
        rows, columns = np.nonzero((away <= nearest[:, None] + _TIE) & np.isfinite(away))
        distances = np.empty(len(query), object)
        distances[:] = [float(d) if np.isfinite(d) else None for d in nearest]
        told = query.replace(data={**query.data, "nearest_target_distance": distances})
        return Neighbors(told, told[rows], target[columns])


def _points(found: Detections, point: Point, name: str | None, which: str) -> Points:
    """One point an object; NaN where its keypoint is not to be seen."""
    if point != "KEYPOINT":
        return anchors(found, point)
    if not name:
        raise InvalidValue(f"{which}_keypoint_name must be given where {which}_point is KEYPOINT, got {name!r}.")
    if found.keypoints is None:
        if not len(found):
            return np.zeros((0, 2))
        raise InvalidValue(f"{which}_predictions must have keypoints where {which}_point is KEYPOINT, got boxes only.")
    names = found.keypoints.skeleton.names
    if name not in names:
        raise InvalidValue(f"{which}_keypoint_name must be one of {', '.join(names)}, got '{name}'.")
    place = names.index(name)
    seen = found.keypoints.visible[:, place, None]
    return np.where(seen, found.keypoints.xy[:, place], np.nan).astype(np.float64)


def _same(query: Detections, target: Detections) -> npt.NDArray[np.bool_]:
    """Which pairs are one and the same object."""
    one, other = (np.array(detection_ids(found), object) for found in (query, target))
    return np.asarray(one[:, None] == other[None], bool).reshape(len(query), len(target))


UNITS = (DetectionsNearestNeighbor,)
