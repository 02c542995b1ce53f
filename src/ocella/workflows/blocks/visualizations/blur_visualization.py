"""Objects made unrecognisable by blur."""

from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ocella.ops.cutouts import cells
from ocella.types import Detections
from ocella.workflows.blocks.visualizations._base import Drawing, Pixels, drawing_example

__all__ = ["UNITS"]

Mask = npt.NDArray[np.bool_]


class BlurVisualization(Drawing):
    """Blur each object, by its mask or else its box, and `padding` pixels around it: each pixel becomes the mean of `kernel_size`
    x `kernel_size` around it.
    """

    type = "blur_visualization@v1"
    aliases = ("BlurVisualization",)
    example = drawing_example("blur_visualization", kernel_size=31)

    kernel_size: Annotated[int, Field(ge=1, le=10_000)] = 15
    padding: Annotated[int, Field(ge=0, le=10_000)] = 0

    def draw(self, pixels: Pixels, found: Detections) -> None:
        """The blur."""
        import cv2

        masks = None if found.masks is None else found.masks.dense()
        boxes = found.xyxy if masks is None else np.array([_around(*of) for of in zip(found.xyxy, masks, strict=True)])
        room = self.padding * np.array([-1, -1, 1, 1])
        for row, (x1, y1, x2, y2) in enumerate(cells(boxes.reshape(-1, 4) + room, (pixels.shape[0], pixels.shape[1]))):
            if x1 < x2 and y1 < y2:
                part = pixels[y1:y2, x1:x2]
                blurred = cv2.blur(part, (self.kernel_size, self.kernel_size))
                if masks is None:
                    part[:] = blurred
                else:
                    inside = self._grown(masks[row, y1:y2, x1:x2])
                    part[inside] = np.asarray(blurred)[inside]

    def _grown(self, mask: Mask) -> Mask:
        import cv2

        reach = 2 * self.padding + 1
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
        return np.asarray(cv2.dilate(mask.astype(np.uint8), disc)).astype(bool)


def _around(box: npt.NDArray[np.float32], mask: Mask) -> list[float]:
    """What holds the box and the mask."""
    y, x = np.nonzero(mask)
    if not len(x):
        return [0.0] * 4
    low, high = np.minimum(box[:2], (x.min(), y.min())), np.maximum(box[2:], (x.max() + 1, y.max() + 1))
    return [*low.tolist(), *high.tolist()]


UNITS = (BlurVisualization,)
