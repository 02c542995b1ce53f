"""YOLO heads without NMS inside: every cell of the grids gives a box and scores."""

from dataclasses import dataclass

import numpy as np

from ocella.models.onnx.layout import Arrays, Floats, Found, Given, Layout, best_rows, corners
from ocella.models.onnx.runtime import Slot

__all__ = ["UNITS"]

_MASKS = 32
"""Numbers that a box has for the 32 prototypes of its mask."""


@dataclass(frozen=True)
class Yolo(Layout):
    """Boxes as centre and size in input pixels, decoded inside the network; then whether there is an object at all
    (`objectness`), the classes' scores, and numbers for a mask or points. Cells along the last axis or the second.
    """

    name: str
    looks: str
    objectness: bool = False
    masks: bool = False
    iou: float = 0.7

    def room(self, given: Given) -> int | None:
        """Columns that are left over for classes."""
        boxes = given.of_rank(3)
        if len(boxes) != 1 or len(given.of_rank(4)) != self.masks:
            return None
        fixed = self._before + self._after(given)
        columns, rows = _sides(boxes[0], fixed + len(given.classes))
        # six columns (and a mask's or points') in other rows than the grids have are of a network with NMS inside
        if (columns == 6 + self._after(given) and rows not in given.grids) or columns <= fixed:
            return None
        return columns - fixed if self._is_usual(given, boxes[0], rows) else None

    def _is_usual(self, given: Given, boxes: Slot, rows: int) -> bool:
        """Three boxes a cell are of networks with objectness, which have cells along the second axis; with one box a cell
        it must be decoded to be of this layout.
        """
        if not self.objectness:
            return rows not in [3 * cells for cells in given.cells]
        return boxes.shape[1] == rows and (rows not in given.cells or given.is_decoded(boxes))

    @property
    def _before(self) -> int:
        return 4 + self.objectness

    def _after(self, given: Given) -> int:  # noqa: ARG002  # points need it
        return _MASKS * self.masks

    def decode(self, outputs: Arrays, given: Given, n: int, floor: float) -> list[Found]:
        """The best class of each cell, NMS within each class."""
        boxes = given.of_rank(3)[0]
        raw = _rows_of(outputs[boxes.name], self._before + self._after(given) + len(given.classes))
        prototypes = outputs[given.of_rank(4)[0].name] if self.masks else None
        found = []
        for i in range(n):
            rows, confidence, class_id = self._confident(raw[i], self._after(given), floor)
            xyxy = corners(raw[i, :4, rows])
            keep = best_rows(xyxy, confidence, class_id, self.iou)
            rest = raw[i, :, rows[keep]][:, raw.shape[1] - self._after(given) :].astype(np.float32)
            masks = None if prototypes is None else _mask_logits(rest, prototypes[i])
            points = self._points(rest, given)
            found.append(Found(xyxy[keep], confidence[keep], class_id[keep], masks, points))
        return found

    def _confident(self, raw: Floats, after: int, floor: float) -> tuple[np.ndarray, Floats, np.ndarray]:
        """Cells that reach the floor, their confidence and class."""
        scores = raw[self._before : raw.shape[0] - after]
        if self.objectness:
            rows = np.flatnonzero(raw[4] >= floor)
            best = scores[:, rows] * raw[4, rows]
            inside = np.flatnonzero(best.max(axis=0, initial=0) >= floor)
            rows, best = rows[inside], best[:, inside]
        else:
            rows = np.flatnonzero(scores.max(axis=0) >= floor)
            best = scores[:, rows]
        confidence = np.clip(best.max(axis=0, initial=0), 0, 1).astype(np.float32)
        return rows, confidence, best.argmax(axis=0) if len(rows) else np.zeros(0, np.int64)

    def _points(self, rest: Floats, given: Given) -> Floats | None:  # noqa: ARG002  # a head with points has them
        return None


@dataclass(frozen=True)
class YoloPose(Yolo):
    """After the scores come the points of the object: x, y and maybe how visible."""

    tasks = ("keypoints",)

    def _after(self, given: Given) -> int:
        count, numbers = given.pose
        return count * numbers

    def _points(self, rest: Floats, given: Given) -> Floats:
        return given.points_in(rest)


def _rows_of(raw: Floats, columns: int) -> Floats:
    """Outputs (n, columns, cells), whichever way round they came."""
    return raw if raw.shape[1] == columns else raw.transpose(0, 2, 1)


def _sides(boxes: Slot, wanted: int) -> tuple[int, int]:
    """Columns and rows of the boxes: the axis that is as long as wanted, else the shorter one, has the columns."""
    one, two = boxes.shape[1:]
    if wanted in (one, two):
        return (one, two) if one == wanted else (two, one)
    return min(one, two), max(one, two)


def _mask_logits(rest: Floats, prototypes: Floats) -> Floats:
    """Logits (k, h, w) of masks from their numbers (k, 32) and the prototypes (32, h, w)."""
    flat = rest @ prototypes.reshape(len(prototypes), -1).astype(np.float32)
    return np.asarray(flat.reshape(-1, *prototypes.shape[1:]), np.float32)


UNITS: tuple[Layout, ...] = (
    Yolo("yolo", "(n, 4 + classes, boxes) or the same turned, boxes decoded, as YOLOv8 to 12"),
    Yolo("yolov5", "(n, boxes, 5 + classes) with objectness, boxes decoded, as YOLOv5 to 7", objectness=True, iou=0.45),
    Yolo("yolo-segment", "(n, 4 + classes + 32, boxes) and prototypes (n, 32, h, w)", masks=True),
    Yolo(
        "yolov5-segment",
        "(n, boxes, 5 + classes + 32) and prototypes (n, 32, h, w)",
        objectness=True,
        masks=True,
        iou=0.45,
    ),
    YoloPose("yolo-pose", "(n, 4 + classes + 3 a point, boxes), as YOLOv8-pose"),
)
