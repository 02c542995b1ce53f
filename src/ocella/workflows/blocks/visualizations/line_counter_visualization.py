"""A line that objects cross, and how many did."""

from typing import Any

import numpy as np

from ocella.ops.lettering import Lettering, Strokes
from ocella.ops.paint import blend
from ocella.ops.zones import as_path
from ocella.types import Image
from ocella.workflows.block import Block
from ocella.workflows.blocks.visualizations._base import ColorText, Length, rgb
from ocella.workflows.blocks.visualizations._label_text import Capital
from ocella.workflows.kinds import Unit

__all__ = ["UNITS"]


class LineCounterVisualization(Block):
    """Draw a line of two points [x, y], and at its start how many objects crossed it in and out. Draw it before what should
    be seen on it.
    """

    type = "line_counter_visualization@v1"
    output = "image"
    ignored = frozenset({"copy_image"})
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "line_counter_visualization",
                "name": "line",
                "image": "$inputs.image",
                "zone": [[20, 200], [600, 200]],
                "count_in": 3,
            }
        ],
        "outputs": [{"type": "JsonField", "name": "image", "selector": "$steps.line.image"}],
    }

    zone: list[Any]
    color: ColorText = "#5bb573"
    thickness: Length = 2
    text_thickness: Length = 1
    text_scale: Capital = 1.0
    count_in: int = 0
    count_out: int = 0
    opacity: Unit = 0.3

    def run(self, image: Image) -> Image:
        """The image with the line on it."""
        import cv2

        line = np.clip(as_path(self.zone, "zone", 2, 2), -30_000, 30_000).astype(int).tolist()
        where, pixels = np.zeros(image.size_hw, np.uint8), image.pixels.copy()
        cv2.line(where, line[0], line[1], 1, self.thickness)
        blend(pixels, where, rgb(self.color), self.opacity)
        letters = Lettering(Strokes(self.text_scale, self.text_thickness), (0, 0, 0), padding=0)
        text = f"in: {self.count_in}, out: {self.count_out}"
        letters.label(pixels, text, (line[0][0], line[0][1]), "CENTER", (255, 255, 255))
        return image.derive(pixels)


UNITS = (LineCounterVisualization,)
