"""Places that look like a small picture."""

from typing import NamedTuple

import numpy as np

from ocella.ops.grey import to_grey
from ocella.ops.nms import nms
from ocella.types import Detections, Image
from ocella.workflows.block import Block
from ocella.workflows.kinds import Objects, Unit

__all__ = ["UNITS"]


class Matches(NamedTuple):
    """Where the template was found, the confidence being the correlation; how many times."""

    predictions: Objects
    number_of_matches: int


class TemplateMatching(Block):
    """Find places whose brightness correlates with that of a template, of the same size and not turned, by at least
    `matching_threshold` (-1..1). Of places that overlap by more than `nms_threshold` the best is kept, unless `apply_nms` is
    off.
    """

    type = "template_matching@v1"
    synonyms = {"images": "image", "templates": "template"}
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}, {"type": "WorkflowImage", "name": "logo"}],
        "steps": [{"type": "template_matching", "name": "logos", "image": "$inputs.image", "template": "$inputs.logo"}],
        "outputs": [{"type": "JsonField", "name": "count", "selector": "$steps.logos.number_of_matches"}],
    }

    matching_threshold: float = 0.8
    apply_nms: bool = True
    nms_threshold: Unit = 0.5

    def run(self, image: Image, template: Image) -> Matches:
        """The places; none where the template is larger than the image, or of one brightness."""
        import cv2

        height, width = template.size_hw
        pattern = to_grey(template)
        if height > image.height or width > image.width or pattern.min() == pattern.max():
            return self._matches(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), image)
        scores = np.asarray(cv2.matchTemplate(to_grey(image), pattern, cv2.TM_CCOEFF_NORMED))
        rows, columns = np.nonzero(scores >= self.matching_threshold)
        boxes = np.stack([columns, rows, columns + width, rows + height], axis=1).astype(np.float32)
        found = scores[rows, columns]
        if self.apply_nms:
            kept = nms(boxes, found, iou=self.nms_threshold)
            boxes, found = boxes[kept], found[kept]
        return self._matches(boxes, found, image)

    @staticmethod
    def _matches(boxes: np.ndarray, scores: np.ndarray, image: Image) -> Matches:
        count = len(boxes)
        found = Detections(boxes, np.clip(scores, 0, 1), np.zeros(count, np.int64), ("template_match",))
        return Matches(found.on(image), count)


UNITS = (TemplateMatching,)
