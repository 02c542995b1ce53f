"""Boxes with room around them."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from ocella.errors import InvalidValue
from ocella.types import Detections
from ocella.workflows.block import Block
from ocella.workflows.blocks.transformations._objects import example_on_objects

__all__ = ["UNITS"]

Size = Annotated[int, Field(ge=0)]


class DetectionOffset(Block):
    """Make boxes wider by `offset_width` and taller by `offset_height`, half of it on each side, within the image. With
    "Percent (%)" they are shares of the image's size.
    """

    type = "detection_offset@v1"
    aliases = ("DetectionOffset",)
    output = "predictions"
    synonyms: ClassVar[Mapping[str, str]] = {
        **Block.synonyms,
        "offset_x": "offset_width",
        "offset_y": "offset_height",
    }
    example = example_on_objects(
        {"type": "detection_offset", "name": "wider", "offset_width": 20, "offset_height": 20}, "predictions"
    )

    offset_width: Size
    offset_height: Size
    units: Literal["Percent (%)", "Pixels"] = "Pixels"

    def run(self, predictions: Detections) -> Detections:
        """The objects with their new boxes."""
        if not len(predictions):
            return predictions
        height, width = predictions.size_hw or (np.inf, np.inf)
        if self.units == "Pixels":
            step = self.offset_width // 2, self.offset_height // 2
        elif predictions.size_hw is None:
            raise InvalidValue(
                f"units '{self.units}' needs the size of the image, which these objects do not tell. Take 'Pixels'."
            )
        else:
            step = int(width * self.offset_width / 200), int(height * self.offset_height / 200)
        boxes = predictions.xyxy + np.array([-step[0], -step[1], *step], np.float32)
        boxes = np.clip(boxes, 0, np.array([width, height, width, height], np.float32))
        return predictions.replace(xyxy=boxes, data=_child(predictions.data))


def _child(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was the id of an object is that of its parent now."""
    if "detection_id" not in data:
        return data
    return {k: v for k, v in data.items() if k != "detection_id"} | {"parent_id": data["detection_id"]}


UNITS = (DetectionOffset,)
