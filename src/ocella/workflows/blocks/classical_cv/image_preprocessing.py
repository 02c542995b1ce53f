"""Another size, turned or mirrored."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from ocella.types import Image, Origin
from ocella.workflows.block import Block
from ocella.workflows.blocks.classical_cv._rotation import rotated

__all__ = ["UNITS"]


class ImagePreprocessing(Block):
    """Resize to `width` and `height`, rotate by `rotation_degrees` (positive is anticlockwise) on a larger canvas, or flip
    upside down (vertical), left to right (horizontal), or both. The result is an image of its own: what is found in it
    stays in its pixels.
    """

    type = "image_preprocessing@v1"
    output = "image"
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "image_preprocessing",
                "name": "small",
                "image": "$inputs.image",
                "task_type": "resize",
                "width": 320,
                "height": 320,
            }
        ],
        "outputs": [{"type": "JsonField", "name": "image", "selector": "$steps.small.image"}],
    }

    task_type: Literal["resize", "rotate", "flip"]
    width: Annotated[int, Field(ge=1)] = 640
    height: Annotated[int, Field(ge=1)] = 640
    rotation_degrees: Annotated[int, Field(ge=-360, le=360)] = 90
    flip_type: Literal["vertical", "horizontal", "both"] = "vertical"

    def run(self, image: Image) -> Image:
        """The image, changed."""
        import cv2

        if self.task_type == "rotate":
            return rotated(image, self.rotation_degrees) if self.rotation_degrees else image
        if self.task_type == "flip":
            made = cv2.flip(image.pixels, {"vertical": 0, "horizontal": 1, "both": -1}[self.flip_type])
        else:
            made = cv2.resize(image.pixels, (self.width, self.height), interpolation=cv2.INTER_AREA)
        return image.derive(np.asarray(made, np.uint8), Origin(image.origin.source))


UNITS = (ImagePreprocessing,)
