"""What the blocks that change objects share."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.ops.remap import remap
from ocella.types import Detections

__all__ = ["example_on_objects", "joined", "largest_outline", "mask_of"]


def example_on_objects(
    step: Mapping[str, Any], output: str, model: str = "roboflow_object_detection_model"
) -> Mapping[str, Any]:
    """A definition that finds objects and gives them to a step as `predictions`."""
    weights = "person-segmentation" if model == "roboflow_instance_segmentation_model" else "nanodet-g"
    return {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {"type": model, "name": "find", "image": "$inputs.image", "model_id": weights},
            {"predictions": "$steps.find.predictions", **step},
        ],
        "outputs": [{"type": "JsonField", "name": output, "selector": f"$steps.{step['name']}.{output}"}],
    }


def joined(parts: Sequence[Detections]) -> Detections:
    """Rows of all parts, classes by name; columns that only some have are left out."""
    classes = tuple(dict.fromkeys(name for part in parts for name in part.classes))
    return Detections.concatenate([remap(part, classes) for part in parts])


def largest_outline(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32] | None:
    """Outer pixels (k, 2) of the largest part of a mask (height, width), in order; None for an empty mask."""
    import cv2

    outlines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    best = max(outlines, key=cv2.contourArea, default=None)
    return None if best is None else np.asarray(best.reshape(-1, 2), np.int32)


def mask_of(polygon: npt.ArrayLike, size_hw: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Pixels in a polygon of pixels, its border with them."""
    import cv2

    canvas = np.zeros(size_hw, np.uint8)
    cv2.fillPoly(canvas, [np.rint(np.asarray(polygon, np.float64)).astype(np.int32)], 1)
    return canvas.astype(bool)
