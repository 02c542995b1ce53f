"""How far two objects are apart."""

from typing import Annotated, Literal, NamedTuple

import numpy as np
from pydantic import Field

from ocella.types import Detections
from ocella.workflows.block import Block

__all__ = ["UNITS"]

Box = tuple[int, int, int, int]


class Distance(NamedTuple):
    """The gap in centimetres and in pixels; None where an object, or what calibrates, is not in the picture."""

    distance_cm: float | None
    distance_pixel: int | None


class DistanceMeasurement(Block):
    """The gap between the boxes of the first object of each of two classes along one axis, 0 where they overlap on it. A
    centimetre is `pixel_ratio` pixels, or is measured on an object of known width and height in centimetres. For a camera
    that looks straight down on a plane.
    """

    type = "distance_measurement@v1"
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {"type": "object_detection_model", "name": "find", "image": "$inputs.image", "model_id": "nanodet-g"},
            {
                "type": "distance_measurement",
                "name": "gap",
                "predictions": "$steps.find.predictions",
                "object_1_class_name": "person",
                "object_2_class_name": "car",
                "reference_axis": "horizontal",
                "calibration_method": "pixel to centimeter",
                "pixel_ratio": 4.2,
            },
        ],
        "outputs": [{"type": "JsonField", "name": "cm", "selector": "$steps.gap.distance_cm"}],
    }

    object_1_class_name: str
    object_2_class_name: str
    reference_axis: Literal["horizontal", "vertical"]
    calibration_method: Literal["reference object", "pixel to centimeter"]
    reference_object_class_name: str = "reference-object"
    reference_width: Annotated[float, Field(gt=0)] = 2.5
    reference_height: Annotated[float, Field(gt=0)] = 2.5
    pixel_ratio: Annotated[float, Field(gt=0)] = 100

    def run(self, predictions: Detections) -> Distance:
        """The gap along the axis."""
        same = self.object_1_class_name == self.object_2_class_name
        first = _box(predictions, self.object_1_class_name)
        second = _box(predictions, self.object_2_class_name, 1 if same else 0)
        if first is None or second is None:
            return Distance(None, None)
        axis = 0 if self.reference_axis == "horizontal" else 1
        pixels = max(0, second[axis] - first[axis + 2], first[axis] - second[axis + 2])
        ratio = self._ratio(predictions)
        return Distance(0.0 if pixels == 0 else None if ratio is None else pixels / ratio, pixels)

    def _ratio(self, predictions: Detections) -> float | None:
        """Pixels a centimetre."""
        if self.calibration_method == "pixel to centimeter":
            return self.pixel_ratio
        box = _box(predictions, self.reference_object_class_name)
        if box is None or box[0] == box[2] or box[1] == box[3]:
            return None
        return ((box[2] - box[0]) / self.reference_width + (box[3] - box[1]) / self.reference_height) / 2


def _box(found: Detections, name: str, place: int = 0) -> Box | None:
    """The box of the first (or, by `place`, a later) object of a class, in whole pixels."""
    rows = [i for i, n in enumerate(found.names) if n == name]
    if len(rows) <= place:
        return None
    left, top, right, bottom = (int(v) for v in np.rint(found.xyxy[rows[place]]))
    return left, top, right, bottom


UNITS = (DistanceMeasurement,)
