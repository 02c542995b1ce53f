"""An image in two values, or cut off at one."""

from typing import Literal

import numpy as np

from ocella.ops.grey import of_grey, to_grey
from ocella.types import Image
from ocella.workflows.block import Block

__all__ = ["UNITS"]


class Threshold(Block):
    """Compare every pixel with `thresh_value`; what is above becomes `max_value` (binary) or is cut off. The adaptive types
    and otsu find the value themselves, on the brightness; the others take each channel for itself.
    """

    type = "threshold@v1"
    output = "image"
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {"type": "convert_grayscale", "name": "grey", "image": "$inputs.image"},
            {"type": "threshold", "name": "dark", "image": "$steps.grey.image", "thresh_value": 100},
        ],
        "outputs": [{"type": "JsonField", "name": "image", "selector": "$steps.dark.image"}],
    }

    threshold_type: Literal[
        "binary", "binary_inv", "trunc", "tozero", "tozero_inv", "adaptive_mean", "adaptive_gaussian", "otsu"
    ] = "binary"
    thresh_value: int
    max_value: int = 255

    def run(self, image: Image) -> Image:
        """The image after the threshold."""
        import cv2

        kind = self.threshold_type
        if kind == "otsu":
            _, made = cv2.threshold(to_grey(image), 0, self.max_value, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
            return of_grey(image, made)
        if kind in ("adaptive_mean", "adaptive_gaussian"):
            method = cv2.ADAPTIVE_THRESH_MEAN_C if kind == "adaptive_mean" else cv2.ADAPTIVE_THRESH_GAUSSIAN_C
            window, below_mean = 11, 2
            made = cv2.adaptiveThreshold(to_grey(image), self.max_value, method, cv2.THRESH_BINARY, window, below_mean)
            return of_grey(image, made)
        _, made = cv2.threshold(image.pixels, self.thresh_value, self.max_value, getattr(cv2, f"THRESH_{kind.upper()}"))
        return image.derive(np.asarray(made, np.uint8))


UNITS = (Threshold,)
