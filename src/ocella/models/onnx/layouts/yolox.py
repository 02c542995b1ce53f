"""YOLOX: boxes relative to the cells of three grids, with objectness."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ocella.models.onnx.layout import Arrays, Floats, Found, Given, Layout, best_rows

__all__ = ["UNITS"]

_STRIDES = (8, 16, 32)


@dataclass(frozen=True)
class YoloX(Layout):
    """Offset of the centre in cells and logarithm of the size in cells, objectness, scores. Pixels go in as they are, 0
    to 255, blue first, padded at the right and the bottom.
    """

    name: str = "yolox"
    looks: str = "(n, cells, 5 + classes) relative to the cells, as YOLOX without decode_in_inference"
    input = {"fit": "corner", "rgb": False, "factor": 1.0}  # noqa: RUF012  # read only

    def room(self, given: Given) -> int | None:
        """One row for each cell of the three grids, not decoded."""
        boxes = given.of_rank(3)
        if len(given.outputs) != 1 or len(boxes) != 1 or boxes[0].shape[2] < 6:
            return None
        if boxes[0].shape[1] != given.cells[0] or given.is_decoded(boxes[0]):
            return None
        return boxes[0].shape[2] - 5

    def decode(self, outputs: Arrays, given: Given, n: int, floor: float) -> list[Found]:
        """The best class of each cell, NMS within each class."""
        raw = outputs[given.of_rank(3)[0].name]
        origins, strides = _cells(given.input_hw)
        found = []
        for i in range(n):
            rows = np.flatnonzero(raw[i, :, 4] >= floor)
            scores = raw[i, rows, 5:] * raw[i, rows, 4:5]
            inside = np.flatnonzero(scores.max(axis=1, initial=0) >= floor)
            rows, scores = rows[inside], scores[inside]
            class_id, confidence = scores.argmax(axis=1), scores.max(axis=1, initial=0).clip(0, 1)
            centre = (raw[i, rows, :2] + origins[rows]) * strides[rows]
            half = np.exp(raw[i, rows, 2:4]) * strides[rows] / 2
            xyxy = np.concatenate([centre - half, centre + half], axis=1).astype(np.float32)
            keep = best_rows(xyxy, confidence, class_id, 0.45)
            found.append(Found(xyxy[keep], confidence[keep], class_id[keep]))
        return found


@lru_cache(maxsize=16)
def _cells(input_hw: tuple[int, int]) -> tuple[Floats, Floats]:
    """Column and row (cells, 2) of every cell, and its stride (cells, 1)."""
    origins, strides = [], []
    for stride in _STRIDES:
        y, x = np.mgrid[0 : -(-input_hw[0] // stride), 0 : -(-input_hw[1] // stride)]
        origins.append(np.stack([x.ravel(), y.ravel()], axis=1))
        strides.append(np.full((x.size, 1), stride))
    return np.concatenate(origins).astype(np.float32), np.concatenate(strides).astype(np.float32)


UNITS: tuple[Layout, ...] = (YoloX(),)
