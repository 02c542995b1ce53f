"""The independent side: preprocessing, the original network in Node, and decoding, with nothing taken from Ocella.

Written from the description of the network alone, one image and one class at a time, so that it shares no mistake.
"""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

__all__ = ["INPUT_SIZE", "boxes_of", "network_input", "original_outputs", "original_run"]

INPUT_SIZE = 416
SCORE_FLOOR = 0.05
NMS_IOU = 0.6
MOST = 100
HERE = Path(__file__).resolve().parent

Array = npt.NDArray[Any]


def network_input(path: Path) -> tuple[Array, tuple[int, int]]:
    """The stretched, normalised BGR input (3, 416, 416) and the photograph's own height and width."""
    bgr = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if bgr is None:
        message = f"{path} is no image"
        raise ValueError(message)
    small = cv2.resize(bgr, (INPUT_SIZE, INPUT_SIZE), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    small -= np.array([103.53, 116.28, 123.675], np.float32)
    small /= np.array([57.375, 57.12, 58.395], np.float32)
    return np.ascontiguousarray(np.moveaxis(small, 2, 0)), (bgr.shape[0], bgr.shape[1])


def original_outputs(model_json: Path, inputs: Array) -> tuple[Array, Array, dict[str, Any]]:
    """Scores (n, cells, 80) and distances (n, cells, 44) of the unconverted network, and what the run reports."""
    names = [f"Identity{suffix}:0" for suffix in ("", "_1", "_2", "_3", "_4", "_5")]
    raw, report = original_run(model_json, inputs, names)
    count = len(inputs)
    scores = np.concatenate([part.reshape(count, -1, 80) for part in raw[:3]], axis=1)
    distances = np.concatenate([part.reshape(count, -1, 44) for part in raw[3:]], axis=1)
    return scores, distances, report


def original_run(model_json: Path, inputs: Array, outputs: list[str]) -> tuple[list[Array], dict[str, Any]]:
    """Raw outputs of an unconverted network, one image a run, each (n, size); and what the run reports."""
    integers = inputs.dtype == np.int32
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "input.bin"
        given.write_bytes(inputs.astype("<i4" if integers else "<f4").tobytes())
        shape = ",".join(str(n) for n in (1, *inputs.shape[1:]))
        command = ["node", "original.mjs", str(model_json), str(given), "int32" if integers else "float32", shape]
        command += [",".join(outputs), folder]
        done = subprocess.run(command, cwd=HERE, check=True, capture_output=True, text=True)
        raw = [np.fromfile(Path(folder) / f"{i}.bin", "<f4").reshape(len(inputs), -1) for i in range(len(outputs))]
    return raw, json.loads(done.stdout.splitlines()[-1])


def boxes_of(scores: Array, distances: Array, height: int, width: int) -> list[tuple[list[float], float, int]]:
    """Boxes (x1, y1, x2, y2) in the photograph's pixels with score and class, best first."""
    if scores.min() < 0 or scores.max() > 1:
        scores = 1 / (1 + np.exp(-scores))
    corners = _corners(distances) * np.tile([width / INPUT_SIZE, height / INPUT_SIZE], 2)
    corners = np.clip(corners, 0, np.tile([width, height], 2))
    found: list[tuple[list[float], float, int]] = []
    for class_id in range(80):
        order = np.argsort(-scores[:, class_id], kind="stable")
        left = [int(i) for i in order if scores[i, class_id] > SCORE_FLOOR]
        while left:
            best = left.pop(0)
            found.append((corners[best].tolist(), float(scores[best, class_id]), class_id))
            left = [i for i in left if _iou(corners[best], corners[i]) <= NMS_IOU]
    return sorted(found, key=lambda item: -item[1])[:MOST]


def _corners(distances: Array) -> Array:
    bins = distances.reshape(-1, 4, 11).astype(np.float64)
    weights = np.exp(bins - bins.max(axis=2, keepdims=True))
    sides = (weights / weights.sum(axis=2, keepdims=True)) @ np.arange(11.0)
    boxes: list[list[float]] = []
    cell = 0
    for stride in (8, 16, 32):
        for row in range(INPUT_SIZE // stride):
            for column in range(INPUT_SIZE // stride):
                x, y = (column + 0.5) * stride, (row + 0.5) * stride
                left, top, right, bottom = sides[cell] * stride
                boxes.append([x - left, y - top, x + right, y + bottom])
                cell += 1
    return np.array(boxes)


def _iou(a: Array, b: Array) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    both = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return float(shared / (both - shared))
