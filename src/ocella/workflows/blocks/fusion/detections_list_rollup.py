"""Objects found on crops, back on the image, as one set."""

from typing import Annotated, Any, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ocella.errors import InvalidValue, Mismatch
from ocella.ops.iou import iou
from ocella.ops.masks import mask_iou
from ocella.types import Detections, Keypoints, Masks, Origin
from ocella.workflows.block import Block
from ocella.workflows.blocks.fusion._merging import Strategy, boxes_around, combine, groups_of, united
from ocella.workflows.blocks.fusion._placement import alike, placed, shifted
from ocella.workflows.kinds import Unit

__all__ = ["UNITS"]


class RolledUp(NamedTuple):
    """Objects on the image, and for each crop its four corners."""

    rolled_up_detections: Detections
    crop_zones: list[Any]


class DetectionsListRollup(Block):
    """Bring a list of objects found on crops, one entry a crop, back onto the image that the crops are of. Objects of one class
    that overlap become one: boxes and masks by more than nothing, or by an IoU of `overlap_threshold`; those with keypoints
    where these lie less than `keypoint_merge_threshold` pixels apart on average. `confidence_strategy` says which confidence it gets.
    """

    type = "detections_list_rollup@v1"
    aliases = ("DetectionsListRollUp",)
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
            {"type": "dimension_collapse", "name": "list", "data": "$steps.look.predictions"},
            {
                "type": "detections_list_rollup",
                "name": "whole",
                "parent_detection": "$steps.find.predictions",
                "child_detections": "$steps.list.output",
            },
        ],
        "outputs": [{"type": "JsonField", "name": "objects", "selector": "$steps.whole.rolled_up_detections"}],
    }

    confidence_strategy: Strategy = "max"
    overlap_threshold: Unit = 0.0
    keypoint_merge_threshold: Annotated[float, Field(ge=0)] = 10.0

    def run(self, parent_detection: Detections, child_detections: list[Any]) -> RolledUp:
        """All objects of the crops."""
        zones = [[[x1, y1], [x2, y1], [x2, y2], [x1, y2]] for x1, y1, x2, y2 in parent_detection.xyxy.tolist()]
        found = Detections.concatenate(alike(_on_parent(parent_detection, child_detections)))
        found = found.replace(
            origin=parent_detection.origin, size_hw=parent_detection.size_hw or found.size_hw, track_id=None, data={}
        )
        return RolledUp(self._merged(found) if len(found) else found, zones)

    def _merged(self, found: Detections) -> Detections:
        together = self._together(found) & (found.class_id[:, None] == found.class_id[None])
        groups = (groups_of if found.keypoints is None else _around_first)(together)
        groups.sort(key=lambda g: list(dict.fromkeys(found.class_id.tolist())).index(int(found.class_id[g[0]])))
        masks = united(found, groups)
        score = [combine[self.confidence_strategy](found.confidence[g]) for g in groups]
        points = found.keypoints
        xyxy = boxes_around(found, groups, masks)
        if points is not None:
            xyxy = np.array([found.xyxy[g].mean(axis=0) for g in groups], np.float32)
        lead = found[[g[0] for g in groups]]
        return lead.replace(
            xyxy=xyxy,
            confidence=np.array(score, np.float32),
            masks=masks,
            keypoints=None if points is None else _mean_points(points, groups),
        )

    def _together(self, found: Detections) -> npt.NDArray[np.bool_]:
        if found.keypoints is not None:
            xy = found.keypoints.xy.astype(np.float64)
            apart = np.linalg.norm(xy[:, None] - xy[None], axis=-1).mean(axis=-1)
            return np.asarray(apart < self.keypoint_merge_threshold)
        if found.masks is not None:
            if self.overlap_threshold > 0:
                return np.asarray(mask_iou(found.masks, found.masks) >= self.overlap_threshold)
            return np.asarray(_widened(found.masks).intersection(found.masks) > 0)
        overlap = iou(found.xyxy, found.xyxy)
        return np.asarray(overlap >= self.overlap_threshold if self.overlap_threshold > 0 else overlap > 0)


def _on_parent(parent: Detections, children: list[Any]) -> list[Detections]:
    """Each crop's objects in pixels of the image: by what they know of their crop, else by the box that it was cut from."""
    wrong = [type(c).__name__ for c in children if not isinstance(c, Detections)]
    if wrong:
        raise InvalidValue(f"child_detections must be a list of detections, one a crop, got {wrong[0]} in it.")
    blind = any(child.origin is None for child in children)
    if blind and len(children) != len(parent):
        raise Mismatch(
            f"child_detections must have one entry for each of {len(parent)} objects of parent_detection, got {len(children)}."
        )
    origin = parent.origin or Origin()
    size_hw = parent.size_hw or next((c.origin.root_hw for c in children if c.origin is not None), None)
    out = []
    for i, child in enumerate(children):
        if child.origin is None:
            left, top = (float(int(v)) for v in parent.xyxy[i, :2])
            out.append(shifted(child, (left, top), origin, size_hw))
        else:
            out.append(placed(child, origin, size_hw))
    return out


def _widened(masks: Masks) -> Masks:
    """By a pixel on each side, so that masks which touch overlap."""
    import cv2

    kernel = np.ones((3, 3), np.uint8)
    return Masks.from_dense(np.stack([cv2.dilate(m.astype(np.uint8), kernel) > 0 for m in masks.dense()]))


def _around_first(together: npt.NDArray[np.bool_]) -> list[list[int]]:
    """Each row that is in no group yet begins one, of all those near itself."""
    groups: list[list[int]] = []
    taken: set[int] = set()
    for i in range(len(together)):
        if i not in taken:
            group = [i, *(int(j) for j in np.flatnonzero(together[i]) if j > i and j not in taken)]
            taken.update(group)
            groups.append(group)
    return groups


def _mean_points(points: Keypoints, groups: list[list[int]]) -> Keypoints:
    return Keypoints(
        np.array([points.xy[g].mean(axis=0) for g in groups], np.float32),
        np.array([points.confidence[g].mean(axis=0) for g in groups], np.float32),
        np.array([points.visible[g].any(axis=0) for g in groups], bool),
        points.skeleton,
    )


UNITS = (DetectionsListRollup,)
