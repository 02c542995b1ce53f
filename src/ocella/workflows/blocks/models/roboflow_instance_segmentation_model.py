"""Objects with their outlines, by a model of one's choice."""

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from ocella.errors import Mismatch
from ocella.types import Detections, Image, Masks
from ocella.workflows.block import Batch
from ocella.workflows.blocks.models._detector import DetectorBlock
from ocella.workflows.blocks.models._model import InferenceId, ModelId, new_id
from ocella.workflows.kinds import Instances

__all__ = ["UNITS"]


class Found(NamedTuple):
    """Objects of one image, with masks."""

    inference_id: InferenceId
    predictions: Instances
    model_id: ModelId


class InstanceSegmentationModel(DetectorBlock):
    """Find objects and their masks with a model: a name of `ocella models` (rf-detr-seg-nano), a detector and a segmenter joined
    by + (nanodet-g+sam2.1-hiera-tiny), an ONNX file, hf:organisation/name, or a project of Roboflow as
    workspace/project/version. Names in `class_filter` are what a model that takes any words looks for.
    """

    type = "roboflow_instance_segmentation_model@v4"
    aliases = (
        "RoboflowInstanceSegmentationModel",
        "InstanceSegmentationModel",
        "instance_segmentation_model@v4",
    )
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "roboflow_instance_segmentation_model",
                "name": "find",
                "images": "$inputs.image",
                "model_id": "rf-detr-seg-nano",
            }
        ],
        "outputs": [{"type": "JsonField", "name": "objects", "selector": "$steps.find.predictions"}],
    }
    _tasks = ("detect",)

    def run(self, images: Batch[Image]) -> Batch[Found]:
        """Objects of each image."""
        with self.asked() as (model, how):
            found = model.predict(images, **how)
            masked = [_masked(f, i, model.card.name) for f, i in zip(found, images, strict=True)]
            finished = [self.finished(f, i, model) for f, i in zip(masked, images, strict=True)]
        return [Found(new_id(), f, self.model_id) for f in finished]


def _masked(found: Detections, image: Image, model: str) -> Detections:
    if found.masks is not None:
        return found
    if len(found):
        raise Mismatch(
            f"'{model}' finds boxes without outlines. Take rf-detr-seg-nano, or join a segmenter: "
            f"'{model}+sam2.1-hiera-tiny'."
        )
    return found.replace(masks=Masks.empty(image.size_hw))


UNITS = (InstanceSegmentationModel,)
