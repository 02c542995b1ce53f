"""Boxes with room around them."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from ocella.types import Detections
from ocella.workflows.block import Block
from ocella.workflows.blocks.transformations._objects import example_on_objects

__all__ = ["UNITS"]

Size = Annotated[int, Field(ge=0)]


class DetectionOffset(Block):
    """Make boxes wider by `offset_width` and taller by `offset_height`, half of it on each side, within the image. With
    "Percent (%)" they are shares of the box.
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
            steps = np.array([[self.offset_width // 2, self.offset_height // 2]], np.float32)
        else:
            sizes = predictions.xyxy[:, 2:] - predictions.xyxy[:, :2]
            steps = np.trunc(sizes * np.array([self.offset_width, self.offset_height], np.float32) / 200)
        boxes = predictions.xyxy + np.hstack([-steps, steps])
        boxes = np.clip(boxes, 0, np.array([width, height, width, height], np.float32))
        return predictions.replace(xyxy=boxes, data=_child(predictions.data))


def _child(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was the id of an object is that of its parent now."""
    if "detection_id" not in data:
        return data
    return {k: v for k, v in data.items() if k != "detection_id"} | {"parent_id": data["detection_id"]}


UNITS = (DetectionOffset,)
