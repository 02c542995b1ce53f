"""Circles around objects."""

from math import hypot

from ocella.ops.cutouts import cells
from ocella.types import Detections
from ocella.workflows.blocks.visualizations._base import Colored, Length, Pixels, drawing_example

__all__ = ["UNITS"]


class CircleVisualization(Colored):
    """Draw a circle around each object, through the corners of its box."""

    type = "circle_visualization@v1"
    aliases = ("CircleVisualization",)
    example = drawing_example("circle_visualization")

    thickness: Length = 2

    def draw(self, pixels: Pixels, found: Detections) -> None:
        """The circles."""
        import cv2

        for (x1, y1, x2, y2), color in zip(cells(found.xyxy), self.colors(found), strict=True):
            center = (x1 + x2) // 2, (y1 + y2) // 2
            cv2.circle(pixels, center, int(hypot(x1 - center[0], y1 - center[1])), color, self.thickness)


UNITS = (CircleVisualization,)
