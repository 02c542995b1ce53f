"""Boxes of every cell in one output, scores of the classes in another."""

from dataclasses import dataclass

import numpy as np

from ocella.models.onnx.layout import Arrays, Found, Given, Layout, best_rows
from ocella.models.onnx.runtime import Slot

__all__ = ["UNITS"]


@dataclass(frozen=True)
class BoxesScores(Layout):
    """Boxes as corners in input pixels, scores in 0..1."""

    name: str = "boxes-scores"
    looks: str = "boxes (n, cells, 4) and scores (n, cells, classes), as YOLO-NAS"

    def room(self, given: Given) -> int | None:
        """Columns of the scores; rows are the cells of the usual grids."""
        sides = _sides(given)
        return None if sides is None or sides[0].shape[1] not in given.cells else sides[1].shape[2]

    def decode(self, outputs: Arrays, given: Given, n: int, floor: float) -> list[Found]:
        """The best class of each cell, NMS within each class."""
        sides = _sides(given)
        assert sides is not None
        found = []
        for i in range(n):
            boxes, scores = (outputs[side.name][i] for side in sides)
            rows = np.flatnonzero(scores.max(axis=1) >= floor)
            class_id = scores[rows].argmax(axis=1)
            confidence = scores[rows, class_id].astype(np.float32).clip(0, 1)
            xyxy = boxes[rows].astype(np.float32)
            keep = best_rows(xyxy, confidence, class_id, 0.7)
            found.append(Found(xyxy[keep], confidence[keep], class_id[keep]))
        return found


def _sides(given: Given) -> tuple[Slot, Slot] | None:
    found = given.of_rank(3)
    if len(given.outputs) != 2 or len(found) != 2 or found[0].shape[1] != found[1].shape[1]:
        return None
    boxes, scores = sorted(found, key=lambda o: (o.shape[2] != 4, "box" not in o.name))
    return (boxes, scores) if boxes.shape[2] == 4 else None


UNITS: tuple[Layout, ...] = (BoxesScores(),)
