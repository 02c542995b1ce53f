"""What was taken away, what stayed and what is new, between two pictures of one scene."""

from typing import Annotated, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ocella.ops.iou import iou
from ocella.types import Detections
from ocella.workflows.block import Block
from ocella.workflows.kinds import Objects, Unit

__all__ = ["UNITS"]


class Difference(NamedTuple):
    """Removed objects lie in the reference picture, the others in the candidate one."""

    removed_detections: Objects
    persisted_detections: Objects
    new_detections: Objects
    removed_count: int
    new_count: int
    verified: bool


class DetectionsDifference(Block):
    """Match objects of a picture before (reference) with those of one after (candidate), cheapest pair first, each once. A pair
    costs `spatial_weight` times 1 - IoU, or where they are apart 1 + their distance over the diagonal of the box around both;
    and `class_mismatch_penalty` where names differ (with `class_strict` such pairs never match). Over `reject_cost` none match.
    `verified`: there was something, and at least `min_removed_to_verify` of it is gone.
    """

    type = "detections_difference@v1"
    aliases = ("DetectionsDifference",)
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "before"}, {"type": "WorkflowImage", "name": "after"}],
        "steps": [
            {
                "type": "roboflow_object_detection_model",
                "name": "one",
                "image": "$inputs.before",
                "model_id": "nanodet-g",
            },
            {
                "type": "roboflow_object_detection_model",
                "name": "two",
                "image": "$inputs.after",
                "model_id": "nanodet-g",
            },
            {
                "type": "detections_difference",
                "name": "change",
                "reference_predictions": "$steps.one.predictions",
                "candidate_predictions": "$steps.two.predictions",
            },
        ],
        "outputs": [{"type": "JsonField", "name": "gone", "selector": "$steps.change.removed_detections"}],
    }

    spatial_weight: Unit = 0.4
    class_mismatch_penalty: Annotated[float, Field(ge=0)] = 0.15
    reject_cost: Annotated[float, Field(ge=0)] = 0.75
    class_strict: bool = False
    min_removed_to_verify: Annotated[int, Field(ge=1)] = 1

    def run(self, reference_predictions: Detections, candidate_predictions: Detections) -> Difference:
        """The sets and their sizes."""
        before, after = reference_predictions, candidate_predictions
        pairs = self._match(self._costs(before, after))
        stayed, same = {i for i, _ in pairs}, {j for _, j in pairs}
        removed = [i for i in range(len(before)) if i not in stayed]
        new = [j for j in range(len(after)) if j not in same]
        return Difference(
            before[removed],
            after[sorted(same)],
            after[new],
            len(removed),
            len(new),
            len(before) > 0 and len(removed) >= self.min_removed_to_verify,
        )

    def _costs(self, before: Detections, after: Detections) -> npt.NDArray[np.float64]:
        overlap = iou(before.xyxy, after.xyxy)
        spatial = np.where(overlap > 0, 1 - overlap, 1 + _distance(before.xyxy, after.xyxy))
        names = [np.array(side.names, object) for side in (before, after)]
        differ = np.asarray(names[0][:, None] != names[1][None], bool).reshape(spatial.shape)
        return np.asarray(
            self.spatial_weight * spatial + differ * (1e9 if self.class_strict else self.class_mismatch_penalty)
        )

    def _match(self, costs: npt.NDArray[np.float64]) -> list[tuple[int, int]]:
        costs, pairs = costs.copy(), []
        for _ in range(min(costs.shape)):
            i, j = (int(v) for v in np.unravel_index(np.argmin(costs), costs.shape))
            if costs[i, j] > min(self.reject_cost, 1e8):
                break
            pairs.append((i, j))
            costs[i], costs[:, j] = np.inf, np.inf
        return pairs


def _distance(a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Between centres (n, m), as a share of the diagonal of the box around both."""
    first, second = a.astype(np.float64)[:, None], b.astype(np.float64)[None]
    apart = np.linalg.norm((first[..., :2] + first[..., 2:] - second[..., :2] - second[..., 2:]) / 2, axis=-1)
    sides = np.maximum(first[..., 2:], second[..., 2:]) - np.minimum(first[..., :2], second[..., :2])
    diagonal = np.linalg.norm(sides, axis=-1)
    return np.asarray(np.divide(apart, diagonal, out=np.zeros_like(apart), where=diagonal > 0))


UNITS = (DetectionsDifference,)
