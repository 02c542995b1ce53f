"""Boxes around objects."""

from ocella.ops.paint import paint_boxes
from ocella.types import Detections
from ocella.workflows.blocks.visualizations._base import Colored, Length, Pixels, drawing_example
from ocella.workflows.kinds import Unit

__all__ = ["UNITS"]


class BoundingBoxVisualization(Colored):
    """Draw the box of each object, with corners rounded by `roundness` of half its shorter side."""

    type = "bounding_box_visualization@v1"
    aliases = ("BoundingBoxVisualization",)
    example = drawing_example("bounding_box_visualization", thickness=3)

    thickness: Length = 2
    roundness: Unit = 0.0

    def draw(self, pixels: Pixels, found: Detections) -> None:
        """The frames."""
        paint_boxes(pixels, found.xyxy, self.colors(found), self.thickness, self.roundness)


UNITS = (BoundingBoxVisualization,)
