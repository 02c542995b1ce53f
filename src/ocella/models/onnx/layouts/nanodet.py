"""NanoDet: scores of every cell, and for each side of its box how likely each of several distances is."""

from dataclasses import dataclass

import numpy as np

from ocella.models.detection.nanodet_decode import MEAN_BGR, STD_BGR, boxes_of, cells
from ocella.models.onnx.layout import Arrays, Floats, Found, Given, Layout, best_rows

__all__ = ["UNITS"]

_BINS = (8, 11)
"""Distances of a side: NanoDet-m and -Plus, NanoDet-g."""


@dataclass(frozen=True)
class NanoDet(Layout):
    """Scores and distances side by side in one output, in one output each, or in one output each a grid. The image is
    stretched, blue first, normalised by the colours of ImageNet.
    """

    name: str = "nanodet"
    looks: str = "scores (n, cells, classes) and distances (n, cells, 32 or 44), together, apart or by grid"
    threshold: float = 0.35
    free_hw = (416, 416)
    input = {  # noqa: RUF012  # read only
        "fit": "stretch", "rgb": False, "factor": 1.0, "mean": MEAN_BGR, "std": STD_BGR, "smooth": True
    }  # fmt: skip

    def room(self, given: Given) -> int | None:
        """Columns beside those of the distances."""
        slots = given.of_rank(3)
        if len(slots) != len(given.outputs) or not slots:
            return None
        rows = sum(slot.shape[1] for slot in slots)
        if len(slots) == 1 and rows in given.cells[:2]:
            rooms = [slots[0].shape[2] - 4 * bins for bins in _BINS]
            # with no names the shorter distances are taken for it
            return next((r for r in rooms if r == len(given.classes)), None if given.classes else rooms[0])
        if len(slots) > 1 and rows in [2 * n for n in given.cells[:2]]:
            widths = sorted({slot.shape[2] for slot in slots if slot.shape[2] not in [4 * b for b in _BINS]})
            return widths[0] if len(widths) == 1 else None
        return None

    def decode(self, outputs: Arrays, given: Given, n: int, floor: float) -> list[Found]:
        """Every class that reaches the floor in a cell, NMS within each class."""
        scores, distances = self._sides(outputs, given)
        centres, strides = cells(given.input_hw, plus=scores.shape[1] == given.cells[1])
        found = []
        for i in range(n):
            row, class_id = np.nonzero(scores[i] >= floor)
            confidence = scores[i][row, class_id].astype(np.float32).clip(0, 1)
            best = np.argsort(-confidence, kind="stable")[:3000]
            row, class_id, confidence = row[best], class_id[best], confidence[best]
            xyxy = boxes_of(distances[i][row], centres[row], strides[row])
            keep = best_rows(xyxy, confidence, class_id, 0.6)
            found.append(Found(xyxy[keep], confidence[keep], class_id[keep]))
        return found

    def _sides(self, outputs: Arrays, given: Given) -> tuple[Floats, Floats]:
        """Scores (n, cells, classes) and distances (n, cells, 4 * bins), grids from fine to coarse."""
        slots, classes = given.of_rank(3), len(given.classes)
        if len(slots) == 1:
            whole = outputs[slots[0].name]
            return whole[..., :classes], whole[..., classes:]
        ordered = sorted(slots, key=lambda slot: -slot.shape[1])
        scores = [outputs[slot.name] for slot in ordered if slot.shape[2] == classes]
        distances = [outputs[slot.name] for slot in ordered if slot.shape[2] != classes]
        return np.concatenate(scores, axis=1), np.concatenate(distances, axis=1)


UNITS: tuple[Layout, ...] = (NanoDet(),)
