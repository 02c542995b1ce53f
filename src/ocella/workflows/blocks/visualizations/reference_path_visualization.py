"""A way that objects should take."""

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from ocella.ops.zones import as_path
from ocella.types import Image
from ocella.workflows.block import Block
from ocella.workflows.blocks.visualizations._base import ColorText, Length, rgb

__all__ = ["UNITS"]


class ReferencePathVisualization(Block):
    """Draw a path through points [x, y]."""

    type = "reference_path_visualization@v1"
    output = "image"
    ignored = frozenset({"copy_image"})
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "reference_path_visualization",
                "name": "path",
                "image": "$inputs.image",
                "reference_path": [[20, 200], [300, 150], [600, 200]],
            }
        ],
        "outputs": [{"type": "JsonField", "name": "image", "selector": "$steps.path.image"}],
    }

    reference_path: list[Any]
    color: ColorText = "#5bb573"
    thickness: Annotated[Length, Field(ge=1)] = 2

    def run(self, image: Image) -> Image:
        """The image with the path on it."""
        import cv2

        points = [list(point)[:2] for point in self.reference_path]  # a time may follow x and y
        path = np.clip(as_path(points, "reference_path", 1), -30_000, 30_000).astype(np.int32)
        pixels = image.pixels.copy()
        cv2.polylines(pixels, [path], False, rgb(self.color), self.thickness)
        return image.derive(pixels)


UNITS = (ReferencePathVisualization,)
