"""Objects found on slices, as objects of the whole image."""

from typing import Literal

from ocella.types import Detections, Image
from ocella.workflows.block import Block, Many
from ocella.workflows.blocks.fusion._merging import kept_rows, merged_rows
from ocella.workflows.blocks.fusion._placement import alike, placed
from ocella.workflows.kinds import Unit

__all__ = ["UNITS"]


class DetectionsStitch(Block):
    """Bring objects of all slices or crops onto the image that they were cut from. Of those of one class that overlap by more
    than `iou_threshold` (masks by pixels) the most confident is kept (nms), or they become one (nmm), or all stay (none).
    """

    type = "detections_stitch@v1"
    aliases = ("DetectionsStitch",)
    output = "predictions"
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "roboflow_object_detection_model",
                "name": "find",
                "image": "$inputs.image",
                "model_id": "nanodet-g",
            },
            {"type": "dynamic_crop", "name": "cut", "image": "$inputs.image", "predictions": "$steps.find.predictions"},
            {
                "type": "roboflow_object_detection_model",
                "name": "look",
                "image": "$steps.cut.crops",
                "model_id": "nanodet-g",
            },
            {
                "type": "detections_stitch",
                "name": "whole",
                "reference_image": "$inputs.image",
                "predictions": "$steps.look.predictions",
            },
        ],
        "outputs": [{"type": "JsonField", "name": "objects", "selector": "$steps.whole.predictions"}],
    }

    overlap_filtering_strategy: Literal["none", "nms", "nmm"] = "nms"
    iou_threshold: Unit = 0.3

    def run(self, reference_image: Image, predictions: Many[Detections]) -> Detections:
        """Objects in pixels of the reference image."""
        origin, size_hw = reference_image.origin, reference_image.size_hw
        parts = alike([placed(found, origin, size_hw) for found in predictions])
        found = Detections.concatenate(parts).on(reference_image)
        if self.overlap_filtering_strategy == "nms" and len(found):
            return found[kept_rows(found, self.iou_threshold)]
        if self.overlap_filtering_strategy == "nmm" and len(found):
            return merged_rows(found, self.iou_threshold)
        return found


UNITS = (DetectionsStitch,)
