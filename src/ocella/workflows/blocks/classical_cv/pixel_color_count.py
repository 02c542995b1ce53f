"""How much of an image has one colour."""

from typing import Annotated

import numpy as np
from pydantic import Field

from ocella.types import Image
from ocella.workflows.block import Block
from ocella.workflows.colors import as_color
from ocella.workflows.kinds import Is

__all__ = ["UNITS"]


class PixelColorCount(Block):
    """Count the pixels whose red, green and blue are each at most `tolerance` away from those of `target_color`."""

    type = "pixel_color_count@v1"
    output = "matching_pixels_count"
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [{"type": "pixel_color_count", "name": "red", "image": "$inputs.image", "target_color": "#ff0000"}],
        "outputs": [{"type": "JsonField", "name": "pixels", "selector": "$steps.red.matching_pixels_count"}],
    }

    target_color: Annotated[str | list[int], Is("rgb_color")]
    tolerance: Annotated[int, Field(ge=0)] = 10

    def run(self, image: Image) -> int:
        """Number of pixels."""
        import cv2

        color = np.array(as_color(self.target_color), np.int64)
        low, high = (np.clip(color + t, 0, 255).tolist() for t in (-self.tolerance, self.tolerance))
        return int(cv2.countNonZero(cv2.inRange(image.pixels, np.array(low), np.array(high))))


UNITS = (PixelColorCount,)
