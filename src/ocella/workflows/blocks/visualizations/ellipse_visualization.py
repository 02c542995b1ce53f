"""Ellipses at the feet of objects."""

from ocella.ops.cutouts import cells
from ocella.types import Detections
from ocella.workflows.blocks.visualizations._base import Colored, Length, Pixels, drawing_example

__all__ = ["UNITS"]


class EllipseVisualization(Colored):
    """Draw an ellipse on the ground under each object, from `start_angle` to `end_angle` in degrees, clockwise."""

    type = "ellipse_visualization@v1"
    aliases = ("EllipseVisualization",)
    example = drawing_example("ellipse_visualization")

    thickness: Length = 2
    start_angle: int = -45
    end_angle: int = 235

    def draw(self, pixels: Pixels, found: Detections) -> None:
        """The ellipses."""
        import cv2

        for (x1, _, x2, y2), color in zip(cells(found.xyxy), self.colors(found), strict=True):
            center, axes = (int((x1 + x2) / 2), y2), (x2 - x1, int(0.35 * (x2 - x1)))
            cv2.ellipse(
                pixels, center, axes, 0, self.start_angle, self.end_angle, color, self.thickness, lineType=cv2.LINE_4
            )


UNITS = (EllipseVisualization,)
