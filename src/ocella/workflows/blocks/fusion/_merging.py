"""Several objects that are one: how to find them and what becomes of them."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ocella.ops.boxes import area
from ocella.ops.iou import iou
from ocella.ops.masks import boxes_of, mask_iou
from ocella.types import Detections, Masks

__all__ = ["Strategy", "boxes_around", "combine", "groups_of", "kept_rows", "merged_rows", "united"]

Strategy = Literal["max", "mean", "min"]
combine: dict[str, Callable[[Any], Any]] = {"max": np.max, "mean": np.mean, "min": np.min, "average": np.mean}
"""Several confidences to one, by the word for it."""


def overlaps(found: Detections) -> npt.NDArray[np.float64]:
    """Intersection over union (n, n): of masks, where there are any, else of boxes."""
    return mask_iou(found.masks, found.masks) if found.masks is not None else iou(found.xyxy, found.xyxy)


def kept_rows(found: Detections, threshold: float) -> npt.NDArray[np.int64]:
    """Rows, in their order, that no more confident one of their class overlaps by more than `threshold`."""
    over = (overlaps(found) > threshold) & (found.class_id[:, None] == found.class_id[None])
    alive = np.ones(len(found), bool)
    order = np.argsort(-found.confidence, kind="stable")
    for place, row in enumerate(order):
        if alive[row]:
            rest = order[place + 1 :]
            alive[rest[over[row, rest]]] = False
    return np.flatnonzero(alive)


def merged_rows(found: Detections, threshold: float) -> Detections:
    """From the most confident object down, those of its class that overlap it by at least `threshold` become one with it:
    the box around all, the pixels of all, their confidence weighted by area; the rest is the most confident one's.
    """
    groups = []
    for class_id in np.unique(found.class_id):
        left = [int(i) for i in np.argsort(-found.confidence, kind="stable") if found.class_id[i] == class_id]
        while left:
            group = _around(found, left, threshold)
            groups.append(group)
            left = [i for i in left if i not in group]
    sizes = area(found.xyxy)
    rows = [_united_row(found, group, sizes) for group in groups]
    lead = found[[group[0] for group in groups]]
    return lead.replace(
        xyxy=np.array([box for box, _ in rows], np.float32).reshape(-1, 4),
        confidence=np.array([score for _, score in rows], np.float32),
        masks=united(found, groups),
    )


def _around(found: Detections, left: Sequence[int], threshold: float) -> list[int]:
    """The first of `left` and those that overlap it, most confident first; with masks also those that overlap the whole as it
    grows.
    """
    lead, rest = left[0], list(left[1:])
    if found.masks is None:
        shared = iou(found.xyxy[[lead]], found.xyxy[rest])[0]
        return [lead, *(i for i, share in zip(rest, shared, strict=True) if share >= threshold)]
    group, whole = [lead], found.masks[[lead]]
    while rest:
        shared = mask_iou(whole, found.masks[rest])[0]
        near = [i for i, share in zip(rest, shared, strict=True) if share >= threshold]
        if not near:
            break
        group += near
        rest = [i for i in rest if i not in near]
        whole = _union(found.masks, group)
    return group


def _united_row(
    found: Detections, group: Sequence[int], sizes: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float32], float]:
    boxes, scores, weights = found.xyxy[group], found.confidence[group], sizes[group]
    box = np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])
    total = float(weights.sum())
    score = float(weights @ scores.astype(np.float64) / total) if len(group) > 1 and total > 0 else float(scores[0])
    return box, score


def united(found: Detections, groups: Sequence[Sequence[int]]) -> Masks | None:
    """For each group the pixels of all its masks; None without masks."""
    if found.masks is None:
        return None
    size_hw = found.masks.size_hw
    return Masks.from_counts([_union(found.masks, group).run(0).tolist() for group in groups], size_hw)


def _union(masks: Masks, rows: Sequence[int]) -> Masks:
    if len(rows) == 1:
        return masks[[rows[0]]]
    whole = np.zeros(masks.size_hw, bool)
    for row in rows:
        whole |= masks[[row]].dense()[0]
    return Masks.from_dense(whole[None])


def groups_of(together: npt.NDArray[np.bool_]) -> list[list[int]]:
    """Rows that belong together, directly or through others, from the pairs (n, n) that do; in order of their first row."""
    n = len(together)
    home = list(range(n))

    def root(i: int) -> int:
        while home[i] != i:
            home[i] = home[home[i]]
            i = home[i]
        return i

    for i, j in np.argwhere(np.triu(together, 1)).tolist():
        first, second = sorted((root(i), root(j)))
        home[second] = first
    groups: dict[int, list[int]] = {}
    for i in range(n):
        groups.setdefault(root(i), []).append(i)
    return list(groups.values())


def boxes_around(found: Detections, groups: Sequence[Sequence[int]], masks: Masks | None) -> npt.NDArray[np.float32]:
    """The box around each group, tight around its pixels where there are masks."""
    if masks is not None:
        return boxes_of(masks)
    boxes = [
        np.concatenate([found.xyxy[g][:, :2].min(axis=0), found.xyxy[g][:, 2:].max(axis=0)]) for g in map(list, groups)
    ]
    return np.array(boxes, np.float32).reshape(-1, 4)
