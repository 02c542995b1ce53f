"""How far the objects of one model cover those of another."""

from typing import Annotated, Any

import numpy as np
import numpy.typing as npt

from ocella.ops.boxes import area
from ocella.ops.iou import intersection
from ocella.ops.masks import from_boxes
from ocella.types import Detections, Masks
from ocella.workflows.block import Block
from ocella.workflows.kinds import Is, Unit
from ocella.workflows.wire_detections import detection_ids

__all__ = ["UNITS"]


class OverlapAnalysis(Block):
    """Pairs of a reference object and a candidate that covers at least `min_overlap` of it: common area over the reference's
    area. By pixels where there are masks, else by boxes.
    """

    type = "overlap_analysis@v1"
    aliases = ("OverlapAnalysis",)
    output = "overlaps"
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "roboflow_object_detection_model",
                "name": "one",
                "image": "$inputs.image",
                "model_id": "nanodet-g",
            },
            {
                "type": "roboflow_object_detection_model",
                "name": "two",
                "image": "$inputs.image",
                "model_id": "nanodet-g",
            },
            {
                "type": "overlap_analysis",
                "name": "pairs",
                "reference_predictions": "$steps.one.predictions",
                "candidate_predictions": "$steps.two.predictions",
            },
        ],
        "outputs": [{"type": "JsonField", "name": "pairs", "selector": "$steps.pairs.overlaps"}],
    }

    min_overlap: Unit = 0.1

    def run(
        self, reference_predictions: Detections, candidate_predictions: Detections
    ) -> Annotated[list[dict[str, Any]], Is("detections_overlaps")]:
        """One record a pair, by reference, then candidate."""
        ours, theirs = reference_predictions, candidate_predictions
        common, whole = _areas(ours, theirs)
        share = np.divide(common, whole[:, None], out=np.zeros_like(common), where=whole[:, None] > 0)
        names, others = detection_ids(ours), detection_ids(theirs)
        pairs = np.argwhere((common > 0) & (share >= self.min_overlap))
        return [
            {
                "reference_class": ours.classes[ours.class_id[i]],
                "reference_confidence": float(ours.confidence[i]),
                "candidate_class": theirs.classes[theirs.class_id[j]],
                "candidate_confidence": float(theirs.confidence[j]),
                "overlap_ratio": float(share[i, j]),
                "reference_detection_id": names[i],
                "candidate_detection_id": others[j],
            }
            for i, j in pairs.tolist()
        ]


def _areas(ours: Detections, theirs: Detections) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Common area (n, m), and the area (n,) of ours."""
    size_hw = next((side.masks.size_hw for side in (ours, theirs) if side.masks is not None and len(side)), None)
    if size_hw is None:
        return intersection(ours.xyxy, theirs.xyxy), np.asarray(area(ours.xyxy), np.float64)
    first, second = (_pixels(side, size_hw) for side in (ours, theirs))
    return first.intersection(second).astype(np.float64), first.area.astype(np.float64)


def _pixels(side: Detections, size_hw: tuple[int, int]) -> Masks:
    return from_boxes(side.xyxy, size_hw) if side.masks is None else side.masks


UNITS = (OverlapAnalysis,)
