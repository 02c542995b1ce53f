"""Zones in the shape of objects."""

from typing import Annotated, Any, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ocella.errors import InvalidValue
from ocella.types import Detections, Masks
from ocella.workflows.block import Block
from ocella.workflows.blocks.transformations._objects import example_on_objects, largest_outline, mask_of
from ocella.workflows.kinds import Instances, Unit

__all__ = ["UNITS"]

Points = npt.NDArray[np.float64]

_STEPS = 60


class Zones(NamedTuple):
    """A polygon for each object, the objects with these for masks, and whether each has the number of corners asked for."""

    zones: list[Any]
    predictions: Instances
    simplification_converged: bool


class DynamicZone(Block):
    """Make a zone of each mask: a convex polygon of `required_number_of_vertices` corners around its largest part, grown from
    its middle by `scale_ratio`. With `apply_least_squares` its sides are fitted to the outline, to the middle
    `midpoint_fraction` of each. An object with an empty mask is left out.
    """

    type = "dynamic_zone@v1"
    aliases = ("DynamicZone",)
    example = example_on_objects(
        {"type": "dynamic_zone", "name": "court", "required_number_of_vertices": 4},
        "zones",
        "roboflow_instance_segmentation_model",
    )

    required_number_of_vertices: Annotated[int, Field(ge=3)]
    scale_ratio: Annotated[float, Field(gt=0)] = 1.0
    apply_least_squares: bool = False
    midpoint_fraction: Unit = 1.0

    def run(self, predictions: Instances) -> Zones:
        """Zones in the order of the objects; one that cannot have that many corners repeats its last."""
        if predictions.masks is None:
            if len(predictions):
                raise InvalidValue(
                    "dynamic_zone expected objects with masks, got boxes only. Take a segmentation model."
                )
            return Zones([], predictions, True)
        outlines = [largest_outline(mask) for mask in predictions.masks.dense()]
        found = predictions[[i for i, outline in enumerate(outlines) if outline is not None]]
        shapes = [self._simplified(outline) for outline in outlines if outline is not None]
        converged = all(len(shape) == self.required_number_of_vertices for shape in shapes)
        shapes = [_with_corners(shape, self.required_number_of_vertices) for shape in shapes]
        zones = [_scaled(shape, self.scale_ratio) for shape in shapes]
        return Zones([zone.tolist() for zone in zones], self._shaped(found, zones), converged)

    def _shaped(self, found: Detections, zones: list[Any]) -> Detections:
        assert found.masks is not None
        size_hw = found.masks.size_hw
        dense = np.array([mask_of(zone, size_hw) for zone in zones], bool).reshape(-1, *size_hw)
        polygons = np.array(zones, np.int64).reshape(-1, self.required_number_of_vertices, 2)
        return found.replace(masks=Masks.from_dense(dense), data={**found.data, "polygon": polygons})

    def _simplified(self, outline: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
        """The convex polygon, coarser and coarser until it has few enough corners."""
        import cv2

        hull = cv2.convexHull(outline, clockwise=True, returnPoints=True)
        low, high = 1e-7, float(cv2.arcLength(hull, closed=True))
        epsilon = low + high / 2
        for _ in range(_STEPS):
            shape = cv2.approxPolyDP(hull, epsilon, closed=True).reshape(-1, 2)
            if len(shape) == self.required_number_of_vertices:
                break
            low, high = (epsilon, high) if len(shape) > self.required_number_of_vertices else (low, epsilon)
            epsilon = low + (high - low) / 2
        if self.apply_least_squares and len(shape) > 2:
            shape = _fitted(shape.astype(np.float64), outline.astype(np.float64), self.midpoint_fraction)
        return np.asarray(np.rint(shape), np.int64)


def _with_corners(shape: npt.NDArray[np.int64], number: int) -> npt.NDArray[np.int64]:
    missing = max(0, number - len(shape))
    return np.concatenate([shape[:number], np.repeat(shape[-1:], missing, axis=0)])


def _scaled(shape: npt.NDArray[np.int64], ratio: float) -> npt.NDArray[np.int64]:
    """Grown from the centre of its area."""
    import cv2

    moments = cv2.moments(shape.astype(np.int32))
    if ratio == 1 or moments["m00"] == 0:
        return shape
    centre = np.array([moments["m10"], moments["m01"]]) / moments["m00"]
    return np.asarray(np.rint((shape - centre) * ratio + centre), np.int64)


def _fitted(shape: Points, outline: Points, middle: float) -> Points:
    """Corners where lines through the outline along each side meet; a corner stays where they do not."""
    nearest = [int(((outline - corner) ** 2).sum(axis=1).argmin()) for corner in shape]
    step = -1 if _turn(shape) * _turn(outline) < 0 else 1
    lines = []
    for start, end in zip(nearest, nearest[1:] + nearest[:1], strict=True):
        length = (end - start) * step % len(outline)
        along = outline[(start + step * np.arange(length + 1)) % len(outline)]
        spare = int(len(along) * (1 - middle) / 2)
        part = along[spare : len(along) - spare]
        lines.append(_line(part if len(part) >= 2 else along))
    met = [_meet(before, after) for before, after in zip(lines[-1:] + lines[:-1], lines, strict=True)]
    return np.array([corner if m is None else m for corner, m in zip(shape, met, strict=True)])


def _turn(ring: Points) -> float:
    """Which way round it goes, by sign."""
    x, y = ring.T
    return float(x @ np.roll(y, -1) - np.roll(x, -1) @ y)


def _line(points: Points) -> tuple[Points, Points]:
    """The line nearest to points: one on it, and its direction."""
    middle = points.mean(axis=0)
    return middle, np.linalg.svd(points - middle)[2][0]


def _meet(one: tuple[Points, Points], other: tuple[Points, Points]) -> Points | None:
    (a, u), (b, v) = one, other
    turn = u[0] * v[1] - u[1] * v[0]
    if abs(turn) < 1e-6:
        return None
    off = b - a
    return np.asarray(a + u * ((off[0] * v[1] - off[1] * v[0]) / turn))


UNITS = (DynamicZone,)
