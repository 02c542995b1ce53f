"""How wide and high each object is, by the measure of another."""

from typing import Annotated, Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.types import Detections
from ocella.workflows.block import Block
from ocella.workflows.kinds import Is

__all__ = ["UNITS"]

Size = tuple[float, float]
Points = npt.NDArray[np.int32] | npt.NDArray[np.float32]


class SizeMeasurement(Block):
    """Width and height of each object in the unit of `reference_dimensions`, the width and height of the reference: the most
    confident object of `reference_predictions`, or a polygon. Objects with masks are measured along their own sides, the
    others along their boxes.
    """

    type = "size_measurement@v1"
    output = "dimensions"
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {"type": "object_detection_model", "name": "find", "image": "$inputs.image", "model_id": "nanodet-g"},
            {
                "type": "size_measurement",
                "name": "size",
                "object_predictions": "$steps.find.predictions",
                "reference_predictions": [[10, 10], [90, 10], [90, 60], [10, 60]],
                "reference_dimensions": "8.5,5.5",
            },
        ],
        "outputs": [{"type": "JsonField", "name": "sizes", "selector": "$steps.size.dimensions"}],
    }

    reference_dimensions: str | Annotated[list[float], Is("list_of_values")]

    def run(self, object_predictions: Detections, reference_predictions: Detections | list[Any]) -> list[Any] | None:
        """For each object {"width", "height", "longer", "shorter"}, None where its mask is empty; None without a
        reference.
        """
        width, height = self._dimensions()
        given = reference_predictions
        reference = _polygon_size(given) if isinstance(given, list) else _most_confident(given)
        if reference is None:
            return None
        scale = width / reference[0], height / reference[1]
        return [_named(_size(object_predictions, row), scale) for row in range(len(object_predictions))]

    def _dimensions(self) -> Size:
        given = self.reference_dimensions
        try:
            width, height = (float(v) for v in (given.split(",") if isinstance(given, str) else given))
        except ValueError:
            width = height = 0.0
        if width <= 0 or height <= 0:
            raise InvalidValue(f'reference_dimensions must be like "4.5,3" or [4.5, 3], above 0, got {given!r}.')
        return width, height


def _named(size: Size | None, scale: Size) -> dict[str, float] | None:
    if size is None:
        return None
    width, height = size[0] * scale[0], size[1] * scale[1]
    return {"width": width, "height": height, "longer": max(width, height), "shorter": min(width, height)}


def _most_confident(found: Detections) -> Size | None:
    return _size(found, int(found.confidence.argmax())) if len(found) else None


def _size(found: Detections, row: int) -> Size | None:
    """Pixels of one object; None where it has none."""
    if found.masks is None:
        left, top, right, bottom = found.xyxy[row].tolist()
        return (right - left, bottom - top) if right > left and bottom > top else None
    import cv2

    mask = found.masks[row].dense()[0].astype(np.uint8)
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    largest = max(outlines, key=cv2.contourArea, default=None)
    return None if largest is None or cv2.contourArea(largest) <= 0 else _along_sides(largest)


def _polygon_size(polygon: list[Any]) -> Size | None:
    import cv2

    points = np.asarray(polygon, np.float32)
    if points.ndim != 2 or points.shape[1] != 2:
        if not points.size:
            return None
        raise InvalidValue(f"reference_predictions must be objects or points [[x, y], ...], got shape {points.shape}.")
    return _along_sides(points) if len(points) > 2 and cv2.contourArea(points) > 0 else None


def _along_sides(outline: Points) -> Size:
    """Sides of the smallest rectangle around an outline, the more level one first."""
    import cv2

    corners = np.asarray(cv2.boxPoints(cv2.minAreaRect(outline)))
    sides = corners[1] - corners[0], corners[2] - corners[1]
    first, second = (float(np.linalg.norm(s)) for s in sides)
    steep = [abs(s[1]) / max(float(np.linalg.norm(s)), 1e-9) for s in sides]
    return (first, second) if steep[0] < steep[1] else (second, first)


UNITS = (SizeMeasurement,)
