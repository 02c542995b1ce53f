"""Dots on objects."""

from ocella.ops.anchors import Anchor
from ocella.types import Detections
from ocella.workflows.blocks.visualizations._base import Colored, Length, Pixels, drawing_example, places

__all__ = ["UNITS"]


class DotVisualization(Colored):
    """Draw a dot at a point of each object, with a black rim if `outline_thickness` says so."""

    type = "dot_visualization@v1"
    aliases = ("DotVisualization",)
    example = drawing_example("dot_visualization", position="BOTTOM_CENTER", radius=6)

    position: Anchor = "CENTER"
    radius: Length = 4
    outline_thickness: Length = 0

    def draw(self, pixels: Pixels, found: Detections) -> None:
        """The dots."""
        import cv2

        for place, color in zip(places(found, self.position), self.colors(found), strict=True):
            cv2.circle(pixels, place, self.radius, color, -1)
            if self.outline_thickness:
                cv2.circle(pixels, place, self.radius, (0, 0, 0), self.outline_thickness)


UNITS = (DotVisualization,)
