"""Objects enlarged, laid on the image."""

from typing import Annotated

import numpy as np
from pydantic import Field

from ocella.ops.anchors import Anchor
from ocella.ops.cutouts import cells
from ocella.ops.paint import lay
from ocella.types import Detections
from ocella.workflows.blocks.visualizations._base import Colored, Length, Pixels, drawing_example, places

__all__ = ["UNITS"]

_LARGEST = 16_000
"""Side of an enlarged object; no screen shows more."""


class CropVisualization(Colored):
    """Lay each object, `scale_factor` times as large and with a border, beside a point of its box."""

    type = "crop_visualization@v1"
    aliases = ("CropVisualization",)
    example = drawing_example("crop_visualization", position="TOP_RIGHT", scale_factor=1.5)

    position: Anchor = "TOP_CENTER"
    scale_factor: Annotated[float, Field(gt=0, le=100)] = 2.0
    border_thickness: Length = 2

    def draw(self, pixels: Pixels, found: Detections) -> None:
        """The enlarged objects."""
        import cv2

        before, boxes = pixels.copy(), cells(found.xyxy, (pixels.shape[0], pixels.shape[1]))
        for box, place, color in zip(boxes, places(found, self.position), self.colors(found), strict=True):
            x1, y1, x2, y2 = box
            if x1 < x2 and y1 < y2:
                wide, tall = (min(max(1, int(s * self.scale_factor)), _LARGEST) for s in (x2 - x1, y2 - y1))
                left, top, right, bottom = _beside(place, wide, tall, self.position)
                lay(pixels, np.asarray(cv2.resize(before[y1:y2, x1:x2], (wide, tall)), np.uint8), (left, top))
                cv2.rectangle(pixels, (left, top), (right, bottom), color, self.border_thickness)


def _beside(place: list[int], wide: int, tall: int, anchor: Anchor) -> tuple[int, int, int, int]:
    """Where the enlarged object goes: away from the box, in the direction in which the point lies."""
    x, y = place
    left, right = (x - wide, x) if "LEFT" in anchor else (x, x + wide) if "RIGHT" in anchor else _around(x, wide)
    top, bottom = (y - tall, y) if "TOP" in anchor else (y, y + tall) if "BOTTOM" in anchor else _around(y, tall)
    return left, top, right, bottom


def _around(middle: int, length: int) -> tuple[int, int]:
    return middle - length // 2, middle + length // 2


UNITS = (CropVisualization,)
