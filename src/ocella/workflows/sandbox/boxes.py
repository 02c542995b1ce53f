"""`sv` as custom code sees it: a small stand-in with the names that definitions use most.

There are


- `sv.Detections(xyxy, mask, confidence, class_id, tracker_id, data, metadata)` with `len`, rows by index, mask or slice,
  columns by name (`found["class_name"]`), iteration over (xyxy, mask, confidence, class_id, tracker_id, data), `empty`,
  `is_empty`, `merge`, `area`, `box_area`, `get_anchors_coordinates`, `with_nms`;
- `sv.Position`, `sv.box_iou_batch`, `sv.box_non_max_suppression`, `sv.mask_to_xyxy`, `sv.polygon_to_mask`.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["NAMES", "Detections", "Position"]

Array = npt.NDArray[Any]
_COLUMNS = ("mask", "confidence", "class_id", "tracker_id")


class Position(Enum):
    """A place on a box."""

    CENTER = "CENTER"
    CENTER_LEFT = "CENTER_LEFT"
    CENTER_RIGHT = "CENTER_RIGHT"
    TOP_CENTER = "TOP_CENTER"
    TOP_LEFT = "TOP_LEFT"
    TOP_RIGHT = "TOP_RIGHT"
    BOTTOM_LEFT = "BOTTOM_LEFT"
    BOTTOM_CENTER = "BOTTOM_CENTER"
    BOTTOM_RIGHT = "BOTTOM_RIGHT"


class Detections:
    """n objects; columns are None where nobody gave them. `frame` is what the engine knows of the image, handed on unseen."""

    def __init__(
        self,
        xyxy: Any,
        mask: Any = None,
        confidence: Any = None,
        class_id: Any = None,
        tracker_id: Any = None,
        data: Mapping[str, Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
        frame: Any = None,
    ) -> None:
        self.xyxy: Array = np.array(xyxy, np.float32).reshape(-1, 4)
        self.mask = _column(mask, bool)
        self.confidence = _column(confidence, np.float32)
        self.class_id = _column(class_id, np.int64)
        self.tracker_id = _column(tracker_id, np.int64)
        self.data: dict[str, Any] = {name: _column(column) for name, column in (data or {}).items()}
        self.metadata: dict[str, Any] = dict(metadata or {})
        self.frame = frame
        for name, column in self._columns():
            if len(column) != len(self):
                raise ValueError(f"{name} must have {len(self)} rows, one a box, got {len(column)}.")

    @classmethod
    def empty(cls) -> "Detections":
        """No objects."""
        return cls(np.zeros((0, 4)), None, np.zeros(0), np.zeros(0))

    @classmethod
    def merge(cls, detections_list: Sequence["Detections"]) -> "Detections":
        """Rows of all, with the columns that all have."""
        parts = [p for p in detections_list if len(p)]
        if not parts:
            return detections_list[0] if detections_list else cls.empty()

        def joined(columns: list[Any]) -> Any:
            return None if any(c is None for c in columns) else np.concatenate(columns)

        rows = {name: joined([getattr(p, name) for p in parts]) for name in ("xyxy", *_COLUMNS)}
        data = {name: joined([p.data.get(name) for p in parts]) for name in parts[0].data}
        kept = {n: c for n, c in data.items() if c is not None}
        return cls(**rows, data=kept, metadata=parts[0].metadata, frame=parts[0].frame)

    def __len__(self) -> int:
        return len(self.xyxy)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        columns = [getattr(self, name) for name in _COLUMNS]
        for i in range(len(self)):
            yield (
                self.xyxy[i],
                *(None if c is None else c[i] for c in columns),
                {n: c[i] for n, c in self.data.items()},
            )

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, str):
            return self.data.get(index)
        rows = np.atleast_1d(
            np.arange(len(self))[np.asarray(index, int) if isinstance(index, list) and not index else index]
        )
        taken: dict[str, Any] = {n: None if getattr(self, n) is None else getattr(self, n)[rows] for n in _COLUMNS}
        data = {n: c[rows] for n, c in self.data.items()}
        return Detections(self.xyxy[rows], **taken, data=data, metadata=self.metadata, frame=self.frame)

    def __setitem__(self, name: str, column: Any) -> None:
        self.data[name] = _column(column)

    def _columns(self) -> Iterator[tuple[str, Any]]:
        own = ((n, getattr(self, n)) for n in _COLUMNS)
        yield from ((n, c) for n, c in (*own, *((f"data['{n}']", c) for n, c in self.data.items())) if c is not None)

    def is_empty(self) -> bool:
        """Whether there is none."""
        return len(self) == 0

    @property
    def box_area(self) -> Array:
        """Square pixels of each box."""
        return np.asarray((self.xyxy[:, 2] - self.xyxy[:, 0]) * (self.xyxy[:, 3] - self.xyxy[:, 1]))

    @property
    def area(self) -> Array:
        """Pixels of each mask, or of each box."""
        return self.box_area if self.mask is None else np.asarray(self.mask.sum(axis=(1, 2)))

    def get_anchors_coordinates(self, anchor: Position) -> Array:
        """Points (n, 2)."""
        x1, y1, x2, y2 = self.xyxy.T
        where = anchor.value
        x = x1 if "LEFT" in where else x2 if "RIGHT" in where else (x1 + x2) / 2
        y = y1 if "TOP" in where else y2 if "BOTTOM" in where else (y1 + y2) / 2
        return np.stack([x, y], axis=1)

    def with_nms(self, threshold: float = 0.5, class_agnostic: bool = False) -> "Detections":  # noqa: FBT001, FBT002  # as theirs
        """Without the weaker of two boxes that overlap by more than `threshold`."""
        sure = np.ones(len(self)) if self.confidence is None else self.confidence
        kind = np.zeros(len(self)) if class_agnostic or self.class_id is None else self.class_id
        found: Detections = self[_nms(np.column_stack([self.xyxy, sure, kind]), threshold)]
        return found


def _column(column: Any, dtype: Any = None) -> Any:
    return None if column is None else np.array(column, dtype)


def _iou(boxes_true: Any, boxes_detection: Any) -> Array:
    """Overlap (n, m) of boxes, 0..1."""
    a, b = (
        np.asarray(boxes_true, np.float64).reshape(-1, 1, 4),
        np.asarray(boxes_detection, np.float64).reshape(1, -1, 4),
    )
    sides = np.clip(np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2]), 0, None)
    common = sides.prod(axis=-1)
    both = (a[..., 2:] - a[..., :2]).prod(axis=-1) + (b[..., 2:] - b[..., :2]).prod(axis=-1) - common
    overlap: Array = np.divide(common, both, out=np.zeros_like(common), where=both > 0)
    return overlap


def _nms(predictions: Any, iou_threshold: float = 0.5) -> Array:
    """Which rows (x1, y1, x2, y2, confidence[, class]) stay, as booleans."""
    rows = np.asarray(predictions, np.float64)
    kind = rows[:, 5] if rows.shape[1] > 5 else np.zeros(len(rows))
    overlap = _iou(rows[:, :4], rows[:, :4])
    keep = np.ones(len(rows), bool)
    for i in np.argsort(-rows[:, 4], kind="stable"):
        if keep[i]:
            keep &= ~((overlap[i] > iou_threshold) & (kind == kind[i])) | (np.arange(len(rows)) == i)
    return keep


def _mask_to_xyxy(masks: Any) -> Array:
    """Boxes (n, 4) around masks (n, height, width)."""
    found = []
    for mask in np.asarray(masks, bool):
        ys, xs = np.nonzero(mask)
        found.append([xs.min(), ys.min(), xs.max(), ys.max()] if len(xs) else [0, 0, 0, 0])
    return np.array(found, np.float32).reshape(-1, 4)


def _polygon_to_mask(polygon: Any, resolution_wh: tuple[int, int]) -> Array:
    """A mask (height, width) of 0 and 1."""
    import cv2

    mask = np.zeros(resolution_wh[::-1], np.uint8)
    filled: Array = cv2.fillPoly(mask, [np.asarray(polygon, np.int32)], [1.0])
    return filled


NAMES = {
    "Detections": Detections,
    "Position": Position,
    "box_iou_batch": _iou,
    "box_non_max_suppression": _nms,
    "mask_to_xyxy": _mask_to_xyxy,
    "polygon_to_mask": _polygon_to_mask,
}
