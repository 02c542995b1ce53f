"""A fixed part of an image, in shares of its size."""

from ocella.types import Image
from ocella.workflows.block import Block
from ocella.workflows.blocks.transformations._window import cut
from ocella.workflows.kinds import Unit

__all__ = ["UNITS"]


class RelativeStaticCrop(Block):
    """Cut out a window around a point; point and size are shares, 0..1, of the image's width and height. What lies outside
    the image is left out; there is no crop where all does.
    """

    type = "relative_static_crop@v1"
    aliases = ("roboflow_core/relative_statoic_crop@v1", "RelativeStaticCrop")
    output = "crops"
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "relative_static_crop",
                "name": "middle",
                "images": "$inputs.image",
                "x_center": 0.5,
                "y_center": 0.5,
                "width": 0.5,
                "height": 0.5,
            }
        ],
        "outputs": [{"type": "JsonField", "name": "middle", "selector": "$steps.middle.crops"}],
    }

    x_center: Unit
    y_center: Unit
    width: Unit
    height: Unit

    def run(self, images: Image) -> Image | None:
        """The part."""
        height, width = images.pixels.shape[:2]
        return cut(
            images,
            round(width * self.x_center),
            round(height * self.y_center),
            round(width * self.width),
            round(height * self.height),
        )


UNITS = (RelativeStaticCrop,)
