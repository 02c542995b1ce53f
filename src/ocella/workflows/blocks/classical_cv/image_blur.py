"""A softer image."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from ocella.types import Image
from ocella.workflows.block import Block

__all__ = ["UNITS"]


class ImageBlur(Block):
    """Blur: the mean around each pixel (average), a weighted one (gaussian), the median, or one that keeps edges
    (bilateral). gaussian and median make an even `kernel_size` one larger.
    """

    type = "image_blur@v1"
    output = "image"
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [{"type": "image_blur", "name": "soft", "image": "$inputs.image", "kernel_size": 9}],
        "outputs": [{"type": "JsonField", "name": "image", "selector": "$steps.soft.image"}],
    }

    blur_type: Literal["average", "gaussian", "median", "bilateral"] = "gaussian"
    kernel_size: Annotated[int, Field(ge=1)] = 5

    def run(self, image: Image) -> Image:
        """The blurred image."""
        import cv2

        size, kind = self.kernel_size, self.blur_type
        if kind in ("gaussian", "median"):
            size |= 1
        if kind == "average":
            made = cv2.blur(image.pixels, (size, size))
        elif kind == "gaussian":
            made = cv2.GaussianBlur(image.pixels, (size, size), 0)
        elif kind == "median":
            made = cv2.medianBlur(image.pixels, size)
        else:
            made = cv2.bilateralFilter(image.pixels, size, 75, 75)
        return image.derive(np.asarray(made, np.uint8))


UNITS = (ImageBlur,)
