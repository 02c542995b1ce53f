"""What an image shows, by a model of one's choice: one label."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, NamedTuple

import numpy as np

from ocella.types import Classification, Image
from ocella.workflows.block import Batch
from ocella.workflows.blocks.models._classifier import ClassifierBlock
from ocella.workflows.blocks.models._model import InferenceId, ModelId, new_id

__all__ = ["UNITS"]


class Said(NamedTuple):
    """Scores of one image."""

    predictions: Classification
    inference_id: InferenceId
    model_id: ModelId


class ClassificationModel(ClassifierBlock):
    """Say what an image shows with a model: a name of `ocella models --task classify` (efficientnet-lite0), an ONNX file,
    hf:organisation/name, or a project of Roboflow as workspace/project/version. Classes less likely than the confidence are
    left out.
    """

    type = "roboflow_classification_model@v3"
    aliases = ("RoboflowClassificationModel", "ClassificationModel", "classification_model@v3")
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "roboflow_classification_model",
                "name": "name",
                "images": "$inputs.image",
                "model_id": "efficientnet-lite0",
            }
        ],
        "outputs": [{"type": "JsonField", "name": "class", "selector": "$steps.name.predictions"}],
    }

    def run(self, images: Batch[Image]) -> Batch[Said]:
        """Scores of each image."""
        return [Said(_likely(f, least), new_id(), self.model_id) for f, least in self.scored(images)]


def _likely(found: Classification, least: float) -> Classification:
    """One label is the answer, whatever the model was trained for."""
    rows = np.flatnonzero(found.confidence >= least)
    kept = tuple(found.classes[i] for i in rows)
    return replace(found, confidence=found.confidence[rows], classes=kept, multi_label=False)


UNITS = (ClassificationModel,)
