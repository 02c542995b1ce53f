"""Crops of an image, one an object."""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ocella.ops.crop import crop
from ocella.types import Detections, Image
from ocella.workflows.block import Block, Many
from ocella.workflows.colors import as_color
from ocella.workflows.kinds import Unit

__all__ = ["UNITS"]


class Crop(NamedTuple):
    """One crop and the object in it, in the crop's own pixels."""

    crops: Image
    predictions: Detections


class DynamicCrop(Block):
    """Cut out every object. With masks and `mask_opacity`, what is around the object is mixed with `background_color`."""

    type = "dynamic_crop@v1"
    aliases = ("DynamicCrop", "Crop")
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
        ],
        "outputs": [{"type": "JsonField", "name": "crops", "selector": "$steps.cut.crops"}],
    }

    mask_opacity: Unit = 0.0
    background_color: str | list[int] = [0, 0, 0]  # a default, never changed

    def run(self, image: Image, predictions: Detections) -> Many[Crop]:
        """One crop an object, in its order; an object without area gives none."""
        height, width = image.size_hw
        boxes = np.clip(predictions.xyxy, 0, (width, height, width, height))
        rows = np.flatnonzero((boxes[:, 2:] > boxes[:, :2]).all(axis=1)).tolist()
        windows = _whole(boxes[rows])
        parts = crop(image, windows)
        if "predictions" not in self.wanted and (self.mask_opacity == 0 or predictions.masks is None):
            return [Crop(part, predictions) for part in parts]
        corners = windows[:, :2].astype(int).tolist()
        return [self._one(p, c, predictions[row]) for p, c, row in zip(parts, corners, rows, strict=True)]

    def _one(self, part: Image, corner: list[int], found: Detections) -> Crop:
        left, top = corner
        moved = np.clip(found.xyxy - np.array([left, top, left, top], np.float32), 0, (*part.size_hw[::-1],) * 2)
        mask = (
            None if found.masks is None else found.masks.dense()[:, top : top + part.height, left : left + part.width]
        )
        if mask is not None and self.mask_opacity > 0:
            part = self._faded(part, mask[0])
        points = found.keypoints
        if points is not None:
            points = replace(points, xy=points.xy - np.array([left, top], np.float32))
        inside = found.replace(xyxy=moved, masks=_masks(mask), keypoints=points).on(part)
        return Crop(part, inside)

    def _faded(self, part: Image, mask: Any) -> Image:
        color = np.array(as_color(self.background_color), np.float32)
        pixels = part.pixels.astype(np.float32)
        pixels[~mask] = pixels[~mask] * (1 - self.mask_opacity) + color * self.mask_opacity
        return part.derive(np.rint(pixels).astype(np.uint8))


def _whole(boxes: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Boxes rounded to whole pixels, at least one."""
    rounded = np.rint(boxes)
    thin = (rounded[:, 2:] <= rounded[:, :2]).any(axis=1)
    rounded[thin] = np.hstack([np.floor(boxes[thin, :2]), np.ceil(boxes[thin, 2:])])
    return rounded


def _masks(dense: Any) -> Any:
    from ocella.types import Masks

    return None if dense is None else Masks.from_dense(dense)


UNITS = (DynamicCrop,)
