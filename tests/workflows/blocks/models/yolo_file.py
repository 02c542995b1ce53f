"""An ONNX file as an exporter of YOLO writes it, whose objects are the same whatever the image shows."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tests.onnx_files import constant_file

__all__ = ["SIDE", "Row", "yolo_file"]

SIDE, CELLS, NAMES = 32, 21, ("cat", "dog")
Row = tuple[float, float, float, float, float, int]
"""x1, y1, x2, y2, confidence, class."""


def yolo_file(folder: Path, rows: Sequence[Row], points: Sequence[Sequence[tuple[float, float, float]]] = ()) -> str:
    """Boxes with scores of two classes, and maybe points."""
    raw = np.zeros((4 + len(NAMES), CELLS), np.float32)
    raw[0] = np.linspace(0, SIDE, CELLS)
    for i, (x1, y1, x2, y2, confidence, class_id) in enumerate(rows):
        raw[:4, i] = (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1
        raw[4 + class_id, i] = confidence
    metadata = {"names": repr(dict(enumerate(NAMES))), "task": "detect", "imgsz": f"[{SIDE}, {SIDE}]"}
    if points:
        count = len(points[0])
        metadata |= {"task": "pose", "kpt_shape": f"[{count}, 3]"}
        spots = np.zeros((count * 3, CELLS), np.float32)
        for i, row in enumerate(points):
            spots[:, i] = np.asarray(row).ravel()
        raw = np.concatenate([raw, spots])
    path = folder / "brought.onnx"
    return str(constant_file(path, {"output0": raw[None]}, image=(1, 3, SIDE, SIDE), metadata=metadata))
