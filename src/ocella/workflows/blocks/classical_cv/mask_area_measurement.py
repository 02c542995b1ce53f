"""How large each object is."""

from typing import Annotated

import numpy as np
from pydantic import Field

from ocella.types import Detections
from ocella.workflows.block import Block

__all__ = ["UNITS"]


class MaskAreaMeasurement(Block):
    """Add the area of each object: `area_px` in square pixels, of its mask or else its box, and `area_converted` in the unit
    of which `pixels_per_unit` pixels make one.
    """

    type = "mask_area_measurement@v1"
    output = "predictions"
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {"type": "object_detection_model", "name": "find", "image": "$inputs.image", "model_id": "nanodet-g"},
            {
                "type": "mask_area_measurement",
                "name": "area",
                "predictions": "$steps.find.predictions",
                "pixels_per_unit": 13.5,
            },
        ],
        "outputs": [{"type": "JsonField", "name": "objects", "selector": "$steps.area.predictions"}],
    }

    pixels_per_unit: Annotated[float, Field(gt=0)] = 1.0

    def run(self, predictions: Detections) -> Detections:
        """The same objects with both columns."""
        area = predictions.area.astype(np.float64)
        if predictions.masks is not None:
            pixels = predictions.masks.area
            area = np.where(pixels > 0, pixels, area)
        columns = {"area_px": area, "area_converted": area / self.pixels_per_unit**2}
        return predictions.replace(data={**predictions.data, **columns})


UNITS = (MaskAreaMeasurement,)
