"""Objects by a model of one's choice."""

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from ocella.types import Image
from ocella.workflows.block import Batch
from ocella.workflows.blocks.models._detector import DetectorBlock
from ocella.workflows.blocks.models._model import InferenceId, ModelId, new_id
from ocella.workflows.kinds import Objects

__all__ = ["UNITS"]


class Found(NamedTuple):
    """Objects of one image."""

    inference_id: InferenceId
    predictions: Objects
    model_id: ModelId


class ObjectDetectionModel(DetectorBlock):
    """Find objects with a model: a name of `ocella models --task detect` (rf-detr-nano, nanodet-g), an ONNX file or a student's
    folder, hf:organisation/name, or a project of Roboflow as workspace/project/version. Names in `class_filter` are what a
    model that takes any words looks for.
    """

    type = "roboflow_object_detection_model@v3"
    aliases = ("RoboflowObjectDetectionModel", "ObjectDetectionModel", "object_detection_model@v3")
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "roboflow_object_detection_model",
                "name": "find",
                "images": "$inputs.image",
                "model_id": "nanodet-g",
            }
        ],
        "outputs": [{"type": "JsonField", "name": "objects", "selector": "$steps.find.predictions"}],
    }
    _tasks = ("detect",)

    def run(self, images: Batch[Image]) -> Batch[Found]:
        """Objects of each image."""
        with self.asked() as (model, how):
            found = model.predict(images, **how)
            finished = [self.finished(f, i, model) for f, i in zip(found, images, strict=True)]
        return [Found(new_id(), f, self.model_id) for f in finished]


UNITS = (ObjectDetectionModel,)
