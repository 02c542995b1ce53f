"""Corners of the boxes of objects."""

from ocella.ops.cutouts import cells
from ocella.types import Detections
from ocella.workflows.blocks.visualizations._base import Colored, Length, Pixels, drawing_example

__all__ = ["UNITS"]


class CornerVisualization(Colored):
    """Draw the four corners of each object's box, with sides of `corner_length`."""

    type = "corner_visualization@v1"
    aliases = ("CornerVisualization",)
    example = drawing_example("corner_visualization", corner_length=20)

    thickness: Length = 4
    corner_length: Length = 15

    def draw(self, pixels: Pixels, found: Detections) -> None:
        """The corners."""
        import cv2

        for (x1, y1, x2, y2), color in zip(cells(found.xyxy), self.colors(found), strict=True):
            for x, across in ((x1, self.corner_length), (x2, -self.corner_length)):
                for y, down in ((y1, self.corner_length), (y2, -self.corner_length)):
                    cv2.line(pixels, (x, y), (x + across, y), color, self.thickness)
                    cv2.line(pixels, (x, y), (x, y + down), color, self.thickness)


UNITS = (CornerVisualization,)
