"""A class for every pixel, by a model of one's choice."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, NamedTuple

from ocella.types import Image, SegmentationMap
from ocella.workflows.block import Batch
from ocella.workflows.blocks.models._model import PLATFORM_ONLY, InferenceId, ModelBlock, ModelId, new_id
from ocella.workflows.kinds import Unit

__all__ = ["UNITS"]


class Mapped(NamedTuple):
    """The map of one image."""

    inference_id: InferenceId
    predictions: SegmentationMap
    model_id: ModelId


class SemanticSegmentationModel(ModelBlock):
    """Give every pixel a class with a model: a name of `ocella models --task semantic-segment` (person-segmentation-map), an
    ONNX file, hf:organisation/name, or a project of Roboflow as workspace/project/version.
    """

    type = "roboflow_semantic_segmentation_model@v2"
    aliases = ("semantic_segmentation_model@v2",)
    ignored = PLATFORM_ONLY
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "roboflow_semantic_segmentation_model",
                "name": "map",
                "images": "$inputs.image",
                "model_id": "person-segmentation-map",
            }
        ],
        "outputs": [{"type": "JsonField", "name": "map", "selector": "$steps.map.predictions"}],
    }
    _tasks = ("semantic-segment",)

    model_id: ModelId
    confidence_mode: Literal["best", "default", "custom"] = "best"
    custom_confidence: Unit = 0.4

    def run(self, images: Batch[Image]) -> Batch[Mapped]:
        """The map of each image."""
        threshold = self.custom_confidence if self.confidence_mode == "custom" else None
        with self.leased(self.model_id) as model:
            found = model.predict(images, threshold=threshold)
        return [Mapped(new_id(), f, self.model_id) for f in found]


UNITS = (SemanticSegmentationModel,)
