"""Several images as one."""

from math import ceil, sqrt
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from ocella.errors import InvalidValue
from ocella.ops.paint import lay
from ocella.types import Image, Origin
from ocella.workflows.block import Block

__all__ = ["UNITS"]

Side = Annotated[int, Field(ge=1, le=16_384)]


class GridVisualization(Block):
    """Lay a list of images out row by row in a square grid, each as large as its cell allows, on black. The cell of a missing
    image stays black.
    """

    type = "grid_visualization@v1"
    output = "image"
    accepts_missing = True
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "left"}, {"type": "WorkflowImage", "name": "right"}],
        "steps": [
            {
                "type": "grid_visualization",
                "name": "grid",
                "images": ["$inputs.left", "$inputs.right"],
                "width": 1280,
                "height": 720,
            }
        ],
        "outputs": [{"type": "JsonField", "name": "image", "selector": "$steps.grid.image"}],
    }

    width: Side = 2560
    height: Side = 1440

    def run(self, images: list[Any] | None) -> Image:
        """All images, a new root."""
        import cv2

        given = images or []
        wrong = [type(i).__name__ for i in given if i is not None and not isinstance(i, Image)]
        if wrong:
            raise InvalidValue(f"grid_visualization takes images, got {wrong[0]}. Connect a list of images.")
        canvas = np.zeros((self.height, self.width, 3), np.uint8)
        side = max(1, ceil(sqrt(len(given))))
        wide, tall = self.width // side, self.height // side
        for place, image in enumerate(given):
            if image is not None and wide and tall:
                scale = min(wide / image.width, tall / image.height)
                size = max(1, int(image.width * scale)), max(1, int(image.height * scale))
                piece = np.asarray(cv2.resize(image.pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
                x, y = place % side * wide + (wide - size[0]) // 2, place // side * tall + (tall - size[1]) // 2
                lay(canvas, piece, (x, y))
        first: Image | None = next((i for i in given if i is not None), None)
        return Image(canvas) if first is None else first.derive(canvas, Origin(first.origin.source))


UNITS = (GridVisualization,)
