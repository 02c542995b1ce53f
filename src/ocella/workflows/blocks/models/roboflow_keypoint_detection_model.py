"""Objects with their keypoints, by a model of one's choice."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, NamedTuple

from ocella.types import Detections, Image
from ocella.workflows.block import Batch
from ocella.workflows.blocks.models._detector import DetectorBlock
from ocella.workflows.blocks.models._model import InferenceId, ModelId, new_id
from ocella.workflows.kinds import KeypointObjects, Unit

__all__ = ["UNITS"]


class Found(NamedTuple):
    """Objects of one image, with keypoints."""

    inference_id: InferenceId
    predictions: KeypointObjects
    model_id: ModelId


class KeypointDetectionModel(DetectorBlock):
    """Find objects and their keypoints with a model: a name of `ocella models --task keypoints` (movenet-multipose), a detector
    and a pose model joined by + (nanodet-g+vitpose-base-simple), an ONNX file, or a project of Roboflow as
    workspace/project/version. With `keypoint_confidence` points are visible that are as sure as that, else as the model says.
    """

    type = "roboflow_keypoint_detection_model@v3"
    aliases = ("RoboflowKeypointDetectionModel", "KeypointsDetectionModel", "keypoint_detection_model@v3")
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "roboflow_keypoint_detection_model",
                "name": "find",
                "images": "$inputs.image",
                "model_id": "movenet-multipose",
            }
        ],
        "outputs": [{"type": "JsonField", "name": "people", "selector": "$steps.find.predictions"}],
    }
    _tasks = ("keypoints",)

    keypoint_confidence: Unit = 0.0

    def run(self, images: Batch[Image]) -> Batch[Found]:
        """Objects of each image."""
        with self.asked() as (model, how):
            found = model.predict(images, **how)
            finished = [self.finished(f, i, model) for f, i in zip(found, images, strict=True)]
        return [Found(new_id(), self._sure(f), self.model_id) for f in finished]

    def _sure(self, found: Detections) -> Detections:
        points = found.keypoints
        if points is None or not self.keypoint_confidence:
            return found
        return found.replace(keypoints=replace(points, visible=points.confidence >= self.keypoint_confidence))


UNITS = (KeypointDetectionModel,)
