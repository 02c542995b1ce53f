"""Non-maximum suppression: one box for one object."""

import numpy as np
import numpy.typing as npt

from ocella.ops import iou as overlap

__all__ = ["nms"]

Indices = npt.NDArray[np.int64]


def nms(
    xyxy: npt.NDArray[np.floating],
    confidence: npt.NDArray[np.floating],
    class_id: npt.NDArray[np.integer] | None = None,
    iou: float = 0.6,
) -> Indices:
    """Rows kept, most confident first (equal ones in their order): each drops those that overlap it by more than
    `iou`, of its own class where `class_id` is given.
    """
    order = np.argsort(-np.asarray(confidence, np.float64), kind="stable")
    if class_id is None:
        return _greedy(xyxy, order, iou)
    groups = np.asarray(class_id)[order]
    kept = [_greedy(xyxy, order[groups == group], iou) for group in np.unique(groups)]
    found = np.zeros(len(order), bool)
    found[np.concatenate([*kept, np.zeros(0, np.int64)])] = True
    return order[found[order]]


def _greedy(xyxy: npt.NDArray[np.floating], order: Indices, threshold: float, block: int = 512) -> Indices:
    """Block by block, so that the overlap matrix stays small for any number of boxes."""
    boxes = np.asarray(xyxy, np.float64).reshape(-1, 4)
    kept = [np.zeros(0, np.int64)]
    left = order
    while len(left):
        head, left = left[:block], left[block:]
        over = overlap.iou(boxes[head], boxes[head]) > threshold
        alive = np.ones(len(head), bool)
        for i in range(len(head)):
            if alive[i]:
                alive[i + 1 :] &= ~over[i, i + 1 :]
        kept.append(head[alive])
        left = left[~(overlap.iou(boxes[kept[-1]], boxes[left]) > threshold).any(axis=0)]
    return np.concatenate(kept)
