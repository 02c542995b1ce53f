"""Two sets of objects as one."""

from ocella.ops.masks import from_boxes
from ocella.types import Detections
from ocella.workflows.block import Block
from ocella.workflows.blocks.transformations._objects import joined

__all__ = ["UNITS"]


class DetectionsCombine(Block):
    """Put two sets of objects into one, classes by name. Where only one of them has masks, boxes of the other become masks;
    other columns that only one has are left out.
    """

    type = "detections_combine@v1"
    output = "predictions"
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "roboflow_object_detection_model",
                "name": "quick",
                "image": "$inputs.image",
                "model_id": "nanodet-g",
            },
            {
                "type": "roboflow_object_detection_model",
                "name": "sure",
                "image": "$inputs.image",
                "model_id": "nanodet-g",
                "confidence": 0.7,
            },
            {
                "type": "detections_combine",
                "name": "all",
                "prediction_one": "$steps.quick.predictions",
                "prediction_two": "$steps.sure.predictions",
            },
        ],
        "outputs": [{"type": "JsonField", "name": "predictions", "selector": "$steps.all.predictions"}],
    }

    def run(self, prediction_one: Detections, prediction_two: Detections) -> Detections:
        """The objects of the first, then of the second."""
        return joined([_masked(prediction_one, prediction_two), _masked(prediction_two, prediction_one)])


def _masked(found: Detections, other: Detections) -> Detections:
    if found.masks is not None or other.masks is None or not (len(found) and len(other)):
        return found
    return found.replace(masks=from_boxes(found.xyxy, other.masks.size_hw))


UNITS = (DetectionsCombine,)
