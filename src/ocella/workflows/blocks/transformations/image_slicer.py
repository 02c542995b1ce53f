"""An image in overlapping slices."""

from typing import Annotated, Any

from pydantic import Field

from ocella.ops.crop import crop
from ocella.types import Image
from ocella.workflows.block import Block, Many

__all__ = ["UNITS"]

Pixels = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, lt=1)]


class ImageSlicer(Block):
    """Cut an image into slices, so that a model sees small objects large; `detections_stitch` puts together what was found.
    Slices overlap by shares of their size. The last ones are moved inwards, so that all have the same size; with
    `equal_sizes` off they end with the image.
    """

    type = "image_slicer@v2"
    output = "slices"
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {"type": "image_slicer", "name": "slice", "image": "$inputs.image", "slice_width": 320, "slice_height": 320}
        ],
        "outputs": [{"type": "JsonField", "name": "slices", "selector": "$steps.slice.slices"}],
    }

    slice_width: Pixels = 640
    slice_height: Pixels = 640
    overlap_ratio_width: Share = 0.2
    overlap_ratio_height: Share = 0.2
    equal_sizes: bool = True

    @classmethod
    def upgrade(cls, step: dict[str, Any], version: int) -> dict[str, Any]:
        """In the first version the last slices were smaller."""
        return {**step, "equal_sizes": False} if version == 1 else step

    def run(self, image: Image) -> Many[Image]:
        """Slices, row by row."""
        columns = self._spans(image.width, self.slice_width, self.overlap_ratio_width)
        rows = self._spans(image.height, self.slice_height, self.overlap_ratio_height)
        return crop(image, [(left, top, right, bottom) for top, bottom in rows for left, right in columns])

    def _spans(self, length: int, size: int, overlap: float) -> list[tuple[int, int]]:
        """Where slices begin and end along one side."""
        size = min(size, length) if self.equal_sizes else size
        starts = range(0, length, size - int(overlap * size))
        if not self.equal_sizes:
            return [(start, min(start + size, length)) for start in starts]
        return list(dict.fromkeys((min(s, length - size), min(s, length - size) + size) for s in starts))


UNITS = (ImageSlicer,)
