"""Objects as one."""

import numpy as np

from ocella.types import Detections
from ocella.workflows.block import Block
from ocella.workflows.blocks.transformations._objects import example_on_objects
from ocella.workflows.kinds import Objects

__all__ = ["UNITS"]


class DetectionsMerge(Block):
    """Put one box around all objects, of class `class_name`, as sure as the least sure of them."""

    type = "detections_merge@v1"
    output = "predictions"
    example = example_on_objects({"type": "detections_merge", "name": "crowd", "class_name": "crowd"}, "predictions")

    class_name: str = "merged_detection"

    def run(self, predictions: Detections) -> Objects:
        """One object, or none where there was none."""
        merged = Detections.empty((self.class_name,))
        if len(predictions):
            boxes = predictions.xyxy
            whole = np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])[None]
            merged = merged.replace(
                xyxy=whole, confidence=predictions.confidence.min(keepdims=True), class_id=np.zeros(1, np.int64)
            )
        return merged.replace(origin=predictions.origin, size_hw=predictions.size_hw)


UNITS = (DetectionsMerge,)
