"""What several models agree on."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ocella.errors import Mismatch
from ocella.ops.iou import iou
from ocella.ops.masks import boxes_of
from ocella.types import Detections, Masks
from ocella.workflows.block import Block
from ocella.workflows.blocks.fusion._merging import combine
from ocella.workflows.blocks.fusion._placement import alike
from ocella.workflows.kinds import Unit

__all__ = ["UNITS"]

Aggregation = Literal["average", "max", "min"]
MaskAggregation = Literal["union", "intersection", "max", "min"]
Place = tuple[int, int]


class Consensus(NamedTuple):
    """Objects agreed on; whether the required ones are there; how sure that is, by class ("any_object" where classes do not
    count).
    """

    predictions: Detections
    object_present: bool | dict[str, Any]
    presence_confidence: float | dict[str, Any]


class DetectionsConsensus(Block):
    """Objects that at least `required_votes` of the models found at the same place: boxes that overlap by more than
    `iou_threshold`, of one class if `class_aware`. Each becomes one object: its confidence, box and mask as the aggregations
    say; its class by majority (average), or the most (max) or least confident one's. `required_objects`, a number or one for
    each class, says how many make `object_present` true.
    """

    type = "detections_consensus@v1"
    aliases = ("DetectionsConsensus",)
    synonyms = {"predictions": "predictions_batches"}
    ignored = frozenset({"raise_on_class_name_conflict"})
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
                "type": "detections_consensus",
                "name": "agreed",
                "predictions_batches": ["$steps.one.predictions", "$steps.two.predictions"],
                "required_votes": 2,
            },
        ],
        "outputs": [{"type": "JsonField", "name": "objects", "selector": "$steps.agreed.predictions"}],
    }

    required_votes: Annotated[int, Field(ge=1)]
    class_aware: bool = True
    iou_threshold: Unit = 0.3
    confidence: Unit = 0.0
    classes_to_consider: list[str] | None = None
    required_objects: Annotated[int, Field(ge=1)] | dict[str, Annotated[int, Field(ge=1)]] | None = None
    presence_confidence_aggregation: Aggregation = "max"
    detections_merge_confidence_aggregation: Aggregation = "average"
    detections_merge_coordinates_aggregation: Aggregation = "average"
    detections_merge_mask_aggregation: MaskAggregation = "union"

    def run(self, predictions_batches: list[Detections]) -> Consensus:
        """Objects in the order in which the models have them, the first model's first."""
        sources = alike([self._considered(found) for found in predictions_batches])
        sizes = {s.size_hw for s in sources if s.size_hw is not None}
        if len(sizes) > 1:
            raise Mismatch(f"predictions_batches must be of one image, got images of {sorted(sizes)}.")
        rows = [self._merge(sources, group) for group in self._groups(sources)]
        classes = sources[0].classes if sources else ()
        masks = [mask for *_, mask in rows]
        known = next((s for s in sources if s.size_hw is not None), sources[0] if sources else None)
        found = Detections(
            np.array([box for box, *_ in rows], np.float32).reshape(-1, 4),
            np.array([score for _, score, *_ in rows], np.float32),
            np.array([class_id for _, _, class_id, _ in rows], np.int64),
            classes,
            masks=_stacked(masks),
            origin=None if known is None else known.origin,
            size_hw=None if known is None else known.size_hw,
        )
        return Consensus(found, *self._presence(found))

    def _considered(self, found: Detections) -> Detections:
        if not self.classes_to_consider:
            return found
        return found[np.isin(np.array(found.names, np.str_), self.classes_to_consider)] if len(found) else found

    def _groups(self, sources: Sequence[Detections]) -> list[list[Place]]:
        """For each object that enough agree on, where it is among the models' objects."""
        overlap = [[iou(a.xyxy, b.xyxy) for b in sources] for a in sources]
        used: set[Place] = set()
        groups = []
        for s, source in enumerate(sources):
            for i in range(len(source)):
                if (s, i) in used:
                    continue
                group = [(s, i)]
                for t, other in enumerate(sources):
                    if t != s:
                        group += self._best(other, t, overlap[s][t][i], int(source.class_id[i]), used)
                if len(group) >= self.required_votes and self._score(sources, group) >= self.confidence:
                    used.update(group)
                    groups.append(group)
        return groups

    def _best(
        self, other: Detections, t: int, overlap: npt.NDArray[np.float64], class_id: int, used: set[Place]
    ) -> list[Place]:
        free = np.array([(t, j) not in used for j in range(len(other))], bool)
        if self.class_aware:
            free &= other.class_id == class_id
        shared = np.where(free, overlap, -1.0)
        best = int(shared.argmax()) if len(shared) else -1
        return [(t, best)] if best >= 0 and shared[best] > self.iou_threshold else []

    def _score(self, sources: Sequence[Detections], group: Sequence[Place]) -> float:
        scores = [float(sources[s].confidence[i]) for s, i in group]
        return float(combine[self.detections_merge_confidence_aggregation](scores))

    def _merge(
        self, sources: Sequence[Detections], group: Sequence[Place]
    ) -> tuple[npt.NDArray[Any], float, int, Masks | None]:
        """Box, confidence, class and mask of one object."""
        rows = [sources[s][[i]] for s, i in group]
        mask = self._mask([r.masks for r in rows if r.masks is not None])
        boxes = np.concatenate([r.xyxy for r in rows]).astype(np.float64)
        box = boxes_of(mask)[0] if mask is not None and mask.area[0] else self._box(boxes)
        return box, self._score(sources, group), self._class(rows), mask

    def _class(self, rows: Sequence[Detections]) -> int:
        how = self.detections_merge_confidence_aggregation
        ids, scores = [int(r.class_id[0]) for r in rows], [float(r.confidence[0]) for r in rows]
        if how == "average":
            return Counter(ids).most_common(1)[0][0]
        return ids[int(np.argmax(scores) if how == "max" else np.argmin(scores))]

    def _box(self, boxes: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        how = self.detections_merge_coordinates_aggregation
        if how == "average":
            return np.asarray(boxes.mean(axis=0))
        sizes = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        return np.asarray(boxes[sizes.argmax() if how == "max" else sizes.argmin()])

    def _mask(self, masks: Sequence[Masks]) -> Masks | None:
        how = self.detections_merge_mask_aggregation
        if not masks:
            return None
        if how in ("max", "min"):
            sizes = [int(m.area[0]) for m in masks]
            return masks[int(np.argmax(sizes) if how == "max" else np.argmin(sizes))]
        dense = np.concatenate([m.dense() for m in masks])
        whole = np.logical_or.reduce(dense) if how == "union" else np.logical_and.reduce(dense)
        return Masks.from_dense(whole[None])

    def _presence(self, found: Detections) -> tuple[bool, dict[str, float]]:
        required = self.required_objects or 0
        if isinstance(required, dict) and not self.class_aware:
            required = sum(required.values())
        counts = Counter(found.names)
        if isinstance(required, dict):
            enough = all(counts[name] >= least for name, least in required.items())
        else:
            enough = len(found) >= required
        if not len(found) or not enough:
            return False, {}
        how = combine[self.presence_confidence_aggregation]
        if not self.class_aware:
            return True, {"any_object": float(how(found.confidence))}
        names = np.array(found.names, object)
        return True, {name: float(how(found.confidence[names == name])) for name in counts}


def _stacked(masks: Sequence[Masks | None]) -> Masks | None:
    """Masks of all rows; None where one has none, for nothing is made up."""
    have = [m for m in masks if m is not None]
    if not have or len(have) < len(masks):
        return None
    return Masks.from_counts([m.run(0).tolist() for m in have], have[0].size_hw)


UNITS = (DetectionsConsensus,)
