"""Triangles that point at objects."""

import numpy as np

from ocella.ops.anchors import Anchor
from ocella.types import Detections
from ocella.workflows.blocks.visualizations._base import Colored, Length, Pixels, drawing_example, places

__all__ = ["UNITS"]


class TriangleVisualization(Colored):
    """Draw a triangle that stands on its tip at a point of each object, with a black rim if `outline_thickness` says so."""

    type = "triangle_visualization@v1"
    aliases = ("TriangleVisualization",)
    example = drawing_example("triangle_visualization", base=20, height=20)

    position: Anchor = "TOP_CENTER"
    base: Length = 10
    height: Length = 10
    outline_thickness: Length = 0

    def draw(self, pixels: Pixels, found: Detections) -> None:
        """The triangles."""
        import cv2

        half = self.base // 2
        for (x, y), color in zip(places(found, self.position), self.colors(found), strict=True):
            corners = np.array([(x - half, y - self.height), (x + half, y - self.height), (x, y)], np.int32)
            cv2.fillPoly(pixels, [corners], color)
            if self.outline_thickness:
                cv2.polylines(pixels, [corners], True, (0, 0, 0), self.outline_thickness)


UNITS = (TriangleVisualization,)
