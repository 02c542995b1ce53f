"""Objects on objects of another class."""

from typing import Literal

import numpy as np

from ocella.types import Detections
from ocella.workflows.block import Block

__all__ = ["UNITS"]


class Overlap(Block):
    """Keep the objects that overlap one of the class `overlap_class_name`, which itself is left out: those whose centre is in
    its box, or with "Any Overlap" those whose box touches it.
    """

    type = "overlap@v1"
    aliases = ("Overlap",)
    output = "overlaps"
    ignored = frozenset({"image", "images"})
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "roboflow_object_detection_model",
                "name": "find",
                "image": "$inputs.image",
                "model_id": "nanodet-g",
            },
            {
                "type": "overlap",
                "name": "on_bench",
                "predictions": "$steps.find.predictions",
                "overlap_class_name": "bench",
            },
        ],
        "outputs": [{"type": "JsonField", "name": "seated", "selector": "$steps.on_bench.overlaps"}],
    }

    overlap_class_name: str
    overlap_type: Literal["Center Overlap", "Any Overlap"] = "Center Overlap"

    def run(self, predictions: Detections) -> Detections:
        """The objects, in their order."""
        under = np.array([name == self.overlap_class_name for name in predictions.names], bool)
        boxes = np.asarray(predictions.xyxy, np.float64)
        base, other = boxes[under][:, None], boxes[None]
        if self.overlap_type == "Center Overlap":
            middle = (other[..., :2] + other[..., 2:]) / 2
            hits = (middle > base[..., :2]) & (middle < base[..., 2:])
        else:
            hits = (other[..., 2:] >= base[..., :2]) & (other[..., :2] <= base[..., 2:])
        return predictions[hits.all(axis=2).any(axis=0) & ~under]


UNITS = (Overlap,)
