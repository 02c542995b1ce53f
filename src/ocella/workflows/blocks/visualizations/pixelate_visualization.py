"""Objects made unrecognisable by large squares."""

from typing import Annotated

import numpy as np
from pydantic import Field

from ocella.ops.cutouts import cells
from ocella.types import Detections
from ocella.workflows.blocks.visualizations._base import Drawing, Pixels, drawing_example

__all__ = ["UNITS"]


class PixelateVisualization(Drawing):
    """Show the box of each object as squares of about `pixel_size`; one that is smaller gets a single colour."""

    type = "pixelate_visualization@v1"
    aliases = ("PixelateVisualization",)
    example = drawing_example("pixelate_visualization", pixel_size=16)

    pixel_size: Annotated[int, Field(ge=1, le=10_000)] = 20

    def draw(self, pixels: Pixels, found: Detections) -> None:
        """The squares."""
        import cv2

        share = 1 / self.pixel_size
        for x1, y1, x2, y2 in cells(found.xyxy, (pixels.shape[0], pixels.shape[1])):
            part = pixels[y1:y2, x1:x2]
            if not part.size:
                continue
            if min(part.shape[:2]) < self.pixel_size:
                part[:] = np.round(cv2.mean(part)[:3])
                continue
            small = cv2.resize(part, None, fx=share, fy=share)
            part[:] = cv2.resize(small, (x2 - x1, y2 - y1), interpolation=cv2.INTER_NEAREST)


UNITS = (PixelateVisualization,)
