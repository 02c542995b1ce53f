"""A fixed part of an image, in pixels."""

from typing import Annotated

from pydantic import Field

from ocella.types import Image
from ocella.workflows.block import Block
from ocella.workflows.blocks.transformations._window import cut

__all__ = ["UNITS"]

Pixels = Annotated[int, Field(ge=1)]


class AbsoluteStaticCrop(Block):
    """Cut out a window of `width` by `height` pixels around a point; what lies outside the image is left out. There is no
    crop where all does.
    """

    type = "absolute_static_crop@v1"
    aliases = ("AbsoluteStaticCrop",)
    output = "crops"
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "absolute_static_crop",
                "name": "corner",
                "images": "$inputs.image",
                "x_center": 50,
                "y_center": 40,
                "width": 100,
                "height": 80,
            }
        ],
        "outputs": [{"type": "JsonField", "name": "corner", "selector": "$steps.corner.crops"}],
    }

    x_center: Pixels
    y_center: Pixels
    width: Pixels
    height: Pixels

    def run(self, images: Image) -> Image | None:
        """The part."""
        return cut(images, self.x_center, self.y_center, self.width, self.height)


UNITS = (AbsoluteStaticCrop,)
