"""All that an image shows, by a model of one's choice: any number of labels."""

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
    """Scores of one image, each standing alone."""

    predictions: Classification
    inference_id: InferenceId
    model_id: ModelId


class MultiLabelClassificationModel(ClassifierBlock):
    """Say all that an image shows with a model that was trained for several labels: an ONNX file whose scores are sigmoids, or
    a project of Roboflow as workspace/project/version. Classes less likely than the confidence are left out.
    """

    type = "roboflow_multi_label_classification_model@v3"
    aliases = (
        "RoboflowMultiLabelClassificationModel",
        "MultiLabelClassificationModel",
        "multi_label_classification_model@v3",
    )
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "roboflow_multi_label_classification_model",
                "name": "tags",
                "images": "$inputs.image",
                "model_id": "./tags.onnx",
            }
        ],
        "outputs": [{"type": "JsonField", "name": "tags", "selector": "$steps.tags.predictions"}],
    }

    def run(self, images: Batch[Image]) -> Batch[Said]:
        """Scores of each image."""
        return [Said(_likely(f, least), new_id(), self.model_id) for f, least in self.scored(images)]


def _likely(found: Classification, least: float) -> Classification:
    rows = np.flatnonzero(found.confidence >= least)
    kept = tuple(found.classes[i] for i in rows)
    return replace(found, confidence=found.confidence[rows], classes=kept, multi_label=True, least=least)


UNITS = (MultiLabelClassificationModel,)
