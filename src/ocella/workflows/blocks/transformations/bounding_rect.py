"""The smallest turned rectangle around each mask."""

from typing import Any

import numpy as np

from ocella.errors import InvalidValue
from ocella.types import Masks
from ocella.workflows.block import Block
from ocella.workflows.blocks.transformations._objects import example_on_objects, largest_outline, mask_of
from ocella.workflows.kinds import Instances

__all__ = ["UNITS"]


class BoundingRect(Block):
    """Replace each mask by the smallest rectangle, turned as it needs, around its largest part. Columns tell the corners
    (`rect`), `width`, `height` and `angle` in degrees. An object with an empty mask is left out.
    """

    type = "bounding_rect@v1"
    output = "detections_with_rect"
    example = example_on_objects(
        {"type": "bounding_rect", "name": "turned"}, "detections_with_rect", "roboflow_instance_segmentation_model"
    )

    def run(self, predictions: Instances) -> Instances:
        """The objects with rectangles for masks and boxes around those."""
        if predictions.masks is None:
            if len(predictions):
                raise InvalidValue(
                    "bounding_rect expected objects with masks, got boxes only. Take a segmentation model."
                )
            return predictions.replace(data={**predictions.data, **_columns([])})
        outlines = [largest_outline(mask) for mask in predictions.masks.dense()]
        found = predictions[[i for i, outline in enumerate(outlines) if outline is not None]]
        rects = [_rect(outline) for outline in outlines if outline is not None]
        corners = np.array([rect[0] for rect in rects], np.float32).reshape(-1, 4, 2)
        size_hw = predictions.masks.size_hw
        dense = np.array([mask_of(c, size_hw) for c in corners], bool).reshape(-1, *size_hw)
        boxes = np.hstack([corners.min(axis=1), corners.max(axis=1)])
        return found.replace(xyxy=boxes, masks=Masks.from_dense(dense), data={**found.data, **_columns(rects)})


def _rect(outline: Any) -> tuple[Any, float, float, float]:
    """Corners on whole pixels, width, height, angle."""
    import cv2

    center, (width, height), angle = cv2.minAreaRect(outline)
    if angle <= -90:  # OpenCV 5 turns by -90 to 0 degrees, older ones by 0 to 90, as definitions expect
        angle += 180
    elif angle <= 0:
        width, height, angle = height, width, angle + 90
    return np.trunc(cv2.boxPoints((center, (width, height), angle))), width, height, angle


def _columns(rects: list[Any]) -> dict[str, Any]:
    numbers = {
        name: np.array([rect[i] for rect in rects], np.float32)
        for i, name in enumerate(("width", "height", "angle"), start=1)
    }
    return {"rect": np.array([rect[0] for rect in rects], np.float32).reshape(-1, 4, 2), **numbers}


UNITS = (BoundingRect,)
