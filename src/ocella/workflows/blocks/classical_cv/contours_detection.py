"""Outlines of the bright shapes of an image."""

from typing import Annotated, Any, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ocella.ops.grey import of_grey, to_grey
from ocella.types import Image
from ocella.workflows.block import Block
from ocella.workflows.kinds import Is

__all__ = ["UNITS"]

_PURPLE = (255, 0, 255)


class Outlines(NamedTuple):
    """The grey image with outlines drawn; each outline as points (n, 1, 2); OpenCV's table of neighbours (None without
    outlines); how many there are.
    """

    image: Image
    contours: Annotated[list[Any], Is("contours")]
    hierarchy: npt.NDArray[np.int32] | None
    number_contours: int


class ContoursDetection(Block):
    """Find and count the outer outlines of whatever is not black: put a threshold before it."""

    type = "contours_detection@v1"
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {"type": "threshold", "name": "bright", "image": "$inputs.image", "thresh_value": 127},
            {"type": "contours_detection", "name": "shapes", "image": "$steps.bright.image"},
        ],
        "outputs": [{"type": "JsonField", "name": "count", "selector": "$steps.shapes.number_contours"}],
    }

    line_thickness: Annotated[int, Field(ge=1)] = 3

    def run(self, image: Image) -> Outlines:
        """Outlines, outermost only."""
        import cv2

        grey = to_grey(image)
        contours, hierarchy = cv2.findContours(grey, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        drawn = np.array(of_grey(image, grey).pixels)
        cv2.drawContours(drawn, contours, -1, _PURPLE, self.line_thickness)
        return Outlines(image.derive(drawn), list(contours), hierarchy, len(contours))


UNITS = (ContoursDetection,)
