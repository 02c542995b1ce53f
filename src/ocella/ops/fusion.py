"""Weighted box fusion: several boxes of one object to one (Solovyev, Wang, Gabruseva 2019, arXiv:1910.13302)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.ops import iou as overlap

__all__ = ["Fused", "fuse"]


@dataclass(frozen=True)
class Fused:
    """m objects, most confident first: `xyxy` (m, 4), `confidence` (m,), `class_id` (m,), `lead` (m,) the row of the most
    confident box of each; and `member` (n,) the object that each row went into.
    """

    xyxy: npt.NDArray[np.float32]
    confidence: npt.NDArray[np.float32]
    class_id: npt.NDArray[np.int64]
    lead: npt.NDArray[np.int64]
    member: npt.NDArray[np.int64]


def fuse(
    xyxy: npt.NDArray[np.floating],
    confidence: npt.NDArray[np.floating],
    class_id: npt.NDArray[np.integer],
    *,
    iou: float = 0.55,
    sources: int = 1,
) -> Fused:
    """From the most confident box down: one joins the object of its class that it overlaps most, by more than `iou`, or
    begins one. An object's box is the mean of its boxes weighted by confidence, its confidence their mean; with
    `sources` detectors it is scaled by the share of them that its boxes could come from, as in the paper.
    """
    if sources < 1:
        raise InvalidValue(f"sources must be at least 1, got {sources}.")
    boxes = np.asarray(xyxy, np.float64).reshape(-1, 4)
    scores, classes = np.asarray(confidence, np.float64), np.asarray(class_id, np.int64)
    groups: list[list[int]] = []
    fused = np.zeros_like(boxes)
    for row in np.argsort(-scores, kind="stable").tolist():
        home = _home(boxes[row], classes[row], fused[: len(groups)], classes[[g[0] for g in groups]], iou)
        if home == len(groups):
            groups.append([])
        groups[home].append(row)
        fused[home] = _mean(boxes[groups[home]], scores[groups[home]])
    means = np.array([scores[g].mean() * min(len(g), sources) / sources for g in groups])
    order = np.argsort(-means, kind="stable")
    member = np.zeros(len(boxes), np.int64)
    for place, group in enumerate(order):
        member[groups[group]] = place
    lead = np.array([groups[g][0] for g in order], np.int64)
    return Fused(fused[order].astype(np.float32), means[order].astype(np.float32), classes[lead], lead, member)


def _home(
    box: npt.NDArray[np.float64],
    class_id: int,
    fused: npt.NDArray[np.float64],
    classes: npt.NDArray[np.int64],
    iou: float,
) -> int:
    """The object that a box belongs to; their count where it begins one."""
    shared = np.where(classes == class_id, overlap.iou(box[None], fused)[0], -1)
    return int(shared.argmax()) if shared.max(initial=-1) > iou else len(fused)


def _mean(boxes: npt.NDArray[np.float64], scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    weights = scores if scores.sum() > 0 else np.ones_like(scores)
    return np.asarray((boxes * weights[:, None]).sum(axis=0) / weights.sum())
