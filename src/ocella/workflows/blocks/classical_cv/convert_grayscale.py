"""An image without colour."""

from ocella.ops.grey import of_grey, to_grey
from ocella.types import Image
from ocella.workflows.block import Block

__all__ = ["UNITS"]


class ConvertGrayscale(Block):
    """Brightness in all three channels, weighted as the eye sees it (ITU-R BT.601)."""

    type = "convert_grayscale@v1"
    aliases = ("ConvertGrayscale",)
    output = "image"
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [{"type": "convert_grayscale", "name": "grey", "image": "$inputs.image"}],
        "outputs": [{"type": "JsonField", "name": "grey", "selector": "$steps.grey.image"}],
    }

    def run(self, image: Image) -> Image:
        """The image in grey, in its own size."""
        return of_grey(image, to_grey(image))


UNITS = (ConvertGrayscale,)
