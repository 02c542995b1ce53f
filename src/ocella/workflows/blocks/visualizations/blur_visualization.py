"""Objects made unrecognisable by blur."""

from typing import Annotated

from pydantic import Field

from ocella.ops.cutouts import cells
from ocella.types import Detections
from ocella.workflows.blocks.visualizations._base import Drawing, Pixels, drawing_example

__all__ = ["UNITS"]


class BlurVisualization(Drawing):
    """Blur the box of each object: each pixel becomes the mean of `kernel_size` x `kernel_size` around it."""

    type = "blur_visualization@v1"
    aliases = ("BlurVisualization",)
    example = drawing_example("blur_visualization", kernel_size=31)

    kernel_size: Annotated[int, Field(ge=1, le=10_000)] = 15

    def draw(self, pixels: Pixels, found: Detections) -> None:
        """The blur."""
        import cv2

        for x1, y1, x2, y2 in cells(found.xyxy, (pixels.shape[0], pixels.shape[1])):
            if x1 < x2 and y1 < y2:
                part = pixels[y1:y2, x1:x2]
                part[:] = cv2.blur(part, (self.kernel_size, self.kernel_size))


UNITS = (BlurVisualization,)
