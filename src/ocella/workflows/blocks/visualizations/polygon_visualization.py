"""Outlines of objects."""

from ocella.ops.paint import paint_boxes, paint_outlines
from ocella.types import Detections, Image
from ocella.workflows.blocks.visualizations._base import Colored, Length, Pixels, drawing_example
from ocella.workflows.kinds import Instances

__all__ = ["UNITS"]


class PolygonVisualization(Colored):
    """Draw the outline of each mask, holes too; the box of an object that has none."""

    type = "polygon_visualization@v2"
    aliases = ("PolygonVisualization",)
    example = drawing_example("polygon_visualization", "instance_segmentation")

    thickness: Length = 2

    def run(self, image: Image, predictions: Instances) -> Image:
        """The image with the outlines on it."""
        return super().run(image, predictions)

    def draw(self, pixels: Pixels, found: Detections) -> None:
        """The outlines."""
        colors = self.colors(found)
        if found.masks is None:
            paint_boxes(pixels, found.xyxy, colors, self.thickness)
        else:
            paint_outlines(pixels, found.masks, colors, self.thickness)


UNITS = (PolygonVisualization,)
