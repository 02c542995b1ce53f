"""Shapes grown, shrunk, opened and closed."""

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from ocella.ops.grey import of_grey, to_grey
from ocella.types import Image
from ocella.workflows.block import Block

__all__ = ["UNITS"]

_NAMES = {
    "Erosion": ("ERODE",),
    "Dilation": ("DILATE",),
    "Opening": ("OPEN",),
    "Closing": ("CLOSE",),
    "Opening then Closing": ("OPEN", "CLOSE"),
    "Gradient": ("GRADIENT",),
    "Top Hat": ("TOPHAT",),
    "Black Hat": ("BLACKHAT",),
}


class MorphologicalTransformation(Block):
    """Take the darkest (erosion) or brightest (dilation) pixel in a square around each, or both in turn. Each channel for
    itself, or on the brightness alone with `on_grey`.
    """

    type = "morphological_transformation@v2"
    output = "image"
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {"type": "morphological_transformation", "name": "clean", "image": "$inputs.image", "operation": "Opening"}
        ],
        "outputs": [{"type": "JsonField", "name": "image", "selector": "$steps.clean.image"}],
    }

    kernel_size: Annotated[int, Field(ge=1)] = 5
    operation: Literal[
        "Erosion", "Dilation", "Opening", "Closing", "Opening then Closing", "Gradient", "Top Hat", "Black Hat"
    ] = "Opening then Closing"
    on_grey: bool = False

    @classmethod
    def upgrade(cls, step: dict[str, Any], version: int) -> dict[str, Any]:
        """The first version worked on grey, and closed by default."""
        return {"operation": "Closing", "on_grey": True, **step} if version == 1 else step

    def run(self, image: Image) -> Image:
        """The transformed image."""
        import cv2

        kernel = np.ones((self.kernel_size, self.kernel_size), np.uint8)
        made: Any = to_grey(image) if self.on_grey else image.pixels
        for name in _NAMES[self.operation]:
            made = cv2.morphologyEx(made, getattr(cv2, f"MORPH_{name}"), kernel)
        return of_grey(image, made) if self.on_grey else image.derive(np.asarray(made, np.uint8))


UNITS = (MorphologicalTransformation,)
