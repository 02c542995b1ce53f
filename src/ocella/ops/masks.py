"""Masks: overlap, boxes, parts and places, on run lengths where that is enough."""

import numpy as np
import numpy.typing as npt

from ocella.types import Masks, Origin

__all__ = ["boxes_of", "from_boxes", "largest_part", "mask_iou", "place"]


def mask_iou(a: Masks, b: Masks) -> npt.NDArray[np.float64]:
    """Intersection over union (n, m) of masks of one image, from the run lengths; 0 where both are empty."""
    common = a.intersection(b).astype(np.float64)
    union = a.area[:, None] + b.area[None] - common
    return np.divide(common, union, out=np.zeros_like(common), where=union > 0)


def boxes_of(masks: Masks) -> npt.NDArray[np.float32]:
    """The tight box (n, 4) of each mask; zeros for an empty one."""
    height = masks.size_hw[0]
    out = np.zeros((len(masks), 4), np.float32)
    for i in range(len(masks)):
        edges = np.cumsum(masks.run(i))
        start, end = edges[:-1:2], edges[1::2] - 1
        start, end = start[end >= start], end[end >= start]
        if len(start):
            wraps = bool((start // height != end // height).any())
            top, bottom = (0, height) if wraps else ((start % height).min(), (end % height).max() + 1)
            out[i] = start[0] // height, top, end[-1] // height + 1, bottom
    return out


def from_boxes(xyxy: npt.NDArray[np.floating], size_hw: tuple[int, int]) -> Masks:
    """Masks of the pixels whose centres are inside each box (n, 4)."""
    height, width = size_hw
    far = np.array([width, height, width, height])
    cells = np.clip(np.ceil(np.asarray(xyxy, np.float64).reshape(-1, 4) - 0.5), 0, far).astype(np.int64)
    rows: list[list[int]] = []
    for x1, y1, x2, y2 in cells.tolist():
        tall, wide = max(y2 - y1, 0), max(x2 - x1, 0)
        if not tall * wide:
            rows.append([height * width])
            continue
        if tall == height:
            runs = [x1 * height, wide * height, (width - x2) * height]
        else:
            last = height * width - ((x2 - 1) * height + y2)
            runs = [x1 * height + y1, *([tall, height - tall] * wide)[:-1], last]
        rows.append(runs if runs[-1] else runs[:-1])
    return Masks.from_counts(rows, size_hw)


def largest_part(masks: Masks) -> Masks:
    """Each mask with its largest 8-connected part only."""
    import cv2

    out = masks.dense()
    for mask in out:
        count, label, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
        if count > 2:
            mask[:] = label == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    return Masks.from_dense(out)


def place(masks: Masks, origin: Origin, size_hw: tuple[int, int]) -> Masks:
    """Masks of a crop on the canvas of its root image of `size_hw`, by nearest pixel."""
    (from_y, rows), (from_x, columns) = (
        _sources(size_hw[axis], masks.size_hw[axis], origin.offset_xy[1 - axis], origin.scale_xy[1 - axis])
        for axis in (0, 1)
    )
    out = np.zeros((len(masks), *size_hw), bool)
    out[np.ix_(np.arange(len(masks)), rows, columns)] = masks.dense()[:, from_y][:, :, from_x]
    return Masks.from_dense(out)


def _sources(root: int, part: int, offset: float, scale: float) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """For the root pixels that the part covers: the part's pixel under each centre, and their own numbers."""
    pixel = np.floor((np.arange(root) + 0.5 - offset) / scale).astype(np.int64)
    inside = np.flatnonzero((pixel >= 0) & (pixel < part))
    return pixel[inside], inside
