"""Outlines of what boxes show, by Segment Anything 2."""

from typing import Any

import numpy as np

from ocella.ops.masks import boxes_of
from ocella.types import Detections, Image
from ocella.workflows.blocks.models._detector import named
from ocella.workflows.blocks.models._example import example_on_images
from ocella.workflows.blocks.models._model import ModelBlock
from ocella.workflows.kinds import Instances

__all__ = ["UNITS"]


class SegmentAnything(ModelBlock):
    """Give every box the outline of what it shows, with SAM 2; without boxes, the outline of the main thing in the whole image.
    Classes and confidences stay those of the boxes, and so do names and tracks. `version` is a size of SAM 2, or a model of
    `ocella models --task segment`.
    """

    type = "segment_anything@v1"
    output = "predictions"
    example = example_on_images("segment_anything", "predictions")
    ignored = frozenset({"threshold", "multimask_output"})  # a Segmenter gives one mask a box, without a score
    _tasks = ("segment",)

    version: str = "hiera_tiny"

    def run(self, images: Image, boxes: Detections | None = None) -> Instances:
        """The objects of the image, with masks."""
        asked = _whole(images) if boxes is None else boxes
        name = f"sam2/{self.version}" if self.version.startswith("hiera_") else self.version
        with self.leased(name) as model:
            (masks,) = model.predict([images], [asked.xyxy])
        seen = (masks.area > 0)[:, None]
        tight: Any = np.where(seen, boxes_of(masks), asked.xyxy)
        found = asked.replace(xyxy=tight.astype(np.float32), masks=masks)
        return (found if "detection_id" in found.data else named(found)).on(images)


def _whole(image: Image) -> Detections:
    box = np.array([[0, 0, image.width, image.height]], np.float32)
    return Detections(box, np.ones(1, np.float32), np.zeros(1, np.int64), ("foreground",))


UNITS = (SegmentAnything,)
