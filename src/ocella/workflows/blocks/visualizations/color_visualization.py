"""Boxes of objects, filled."""

from ocella.ops.cutouts import cells
from ocella.types import Detections
from ocella.workflows.blocks.visualizations._base import Colored, Pixels, drawing_example
from ocella.workflows.kinds import Unit

__all__ = ["UNITS"]


class ColorVisualization(Colored):
    """Fill the box of each object; where boxes overlap, the last is on top."""

    type = "color_visualization@v1"
    aliases = ("ColorVisualization",)
    example = drawing_example("color_visualization", opacity=0.3)

    opacity: Unit = 0.5

    def draw(self, pixels: Pixels, found: Detections) -> None:
        """The colours."""
        import cv2

        filled = pixels.copy()
        for (x1, y1, x2, y2), color in zip(cells(found.xyxy), self.colors(found), strict=True):
            cv2.rectangle(filled, (x1, y1), (x2, y2), color, -1)
        cv2.addWeighted(filled, self.opacity, pixels, 1 - self.opacity, 0, dst=pixels)


UNITS = (ColorVisualization,)
