"""Masks of objects, filled."""

import numpy as np

from ocella.errors import InvalidValue
from ocella.ops.paint import blend, paint_masks
from ocella.types import Detections, Image, SegmentationMap
from ocella.workflows.blocks.visualizations._base import Colored, Pixels, drawing_example
from ocella.workflows.kinds import Instances, Unit

__all__ = ["UNITS"]


class MaskVisualization(Colored):
    """Fill the mask of each object, or each class of a map of classes; the smallest is on top. Objects without masks leave
    the image as it is.
    """

    type = "mask_visualization@v1"
    aliases = ("MaskVisualization",)
    example = drawing_example("mask_visualization", "instance_segmentation", opacity=0.4)

    opacity: Unit = 0.5

    def run(self, image: Image, predictions: Instances | SegmentationMap) -> Image:
        """The image with the masks on it."""
        if isinstance(predictions, Detections):
            return super().run(image, predictions)
        if predictions.class_id.shape != image.size_hw:
            raise InvalidValue(
                f"The class map must be of the image's {image.size_hw}, got {predictions.class_id.shape}."
            )
        pixels, known = image.pixels.copy(), self.palette()
        for class_id in np.unique(predictions.class_id).tolist():
            if class_id >= 0:
                where = (predictions.class_id == class_id).astype(np.uint8)
                blend(pixels, where, known[class_id % len(known)], self.opacity)
        return image.derive(pixels)

    def draw(self, pixels: Pixels, found: Detections) -> None:
        """The masks."""
        if found.masks is not None:
            paint_masks(pixels, found.masks, self.colors(found), self.opacity)


UNITS = (MaskVisualization,)
