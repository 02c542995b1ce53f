"""What stands before and after a NanoDet network: images stretched and normalised, cells turned into boxes."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ocella.ops.nms import nms
from ocella.types import Detections

__all__ = [
    "BINS",
    "MEAN_BGR",
    "STD_BGR",
    "STRIDES",
    "boxes_of",
    "cells",
    "nanodet_decode",
    "nanodet_prepare",
    "stretch",
]

STRIDES = (8, 16, 32)
BINS = 11
MEAN_BGR = (103.53, 116.28, 123.675)
STD_BGR = (57.375, 57.12, 58.395)

Floats = npt.NDArray[np.float32]


def stretch(pixels: npt.NDArray[np.uint8], input_hw: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """RGB pixels (h, w, 3) in another size, aspect not kept: averaged where both sides shrink, else bilinear."""
    import cv2

    height, width = input_hw
    smaller = height <= pixels.shape[0] and width <= pixels.shape[1]
    resized = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
    return np.asarray(resized, np.uint8)


def nanodet_prepare(pixels: npt.NDArray[np.uint8], input_hw: tuple[int, int]) -> Floats:
    """RGB pixels to the network's input (3, h, w): stretched to `input_hw`, BGR, mean taken off, over the deviation."""
    small = stretch(pixels, input_hw)[:, :, ::-1]
    scaled = (small - np.array(MEAN_BGR, np.float32)) / np.array(STD_BGR, np.float32)
    return np.ascontiguousarray(scaled.transpose(2, 0, 1), np.float32)


@lru_cache(maxsize=16)
def cells(input_hw: tuple[int, int], *, plus: bool = False) -> tuple[Floats, Floats]:
    """Centres (a, 2) as x, y in input pixels, and stride (a,) of every cell, in the network's order. NanoDet-Plus has a
    fourth grid, and its cells are seen from their upper left corner.
    """
    centres, strides = [], []
    for stride in (*STRIDES, 64) if plus else STRIDES:
        y, x = np.mgrid[0 : -(-input_hw[0] // stride), 0 : -(-input_hw[1] // stride)]
        centres.append((np.stack([x.ravel(), y.ravel()], 1) + (0 if plus else 0.5)) * stride)
        strides.append(np.full(x.size, stride))
    return np.concatenate(centres).astype(np.float32), np.concatenate(strides).astype(np.float32)


def nanodet_decode(
    scores: Floats,
    distances: Floats,
    input_hw: tuple[int, int],
    sizes_hw: Sequence[tuple[int, int]],
    classes: Sequence[str],
    *,
    threshold: float = 0.05,
    iou: float = 0.6,
    most: int = 100,
) -> list[Detections]:
    """Outputs (n, a, classes) and (n, a, 44) of n images of `sizes_hw` to boxes in their own pixels: distance of a side
    = mean bin of its softmax, times stride; per-class NMS at `iou`; the `most` best; clipped to the image.
    """
    centres, strides = cells(input_hw)
    return [
        _decode(
            s, d, centres, strides, (h / input_hw[0], w / input_hw[1]), (h, w), tuple(classes), threshold, iou, most
        )
        for s, d, (h, w) in zip(scores, distances, sizes_hw, strict=True)
    ]


def _decode(
    scores: Floats,
    distances: Floats,
    centres: Floats,
    strides: Floats,
    scale_hw: tuple[float, float],
    size_hw: tuple[int, int],
    classes: tuple[str, ...],
    threshold: float,
    iou: float,
    most: int,
) -> Detections:
    cell, class_id = np.nonzero(scores >= threshold)
    confidence = scores[cell, class_id]
    best = np.argsort(-confidence, kind="stable")[: most * 20]
    cell, class_id, confidence = cell[best], class_id[best], confidence[best]
    xyxy = boxes_of(distances[cell], centres[cell], strides[cell])
    xyxy *= np.array([scale_hw[1], scale_hw[0], scale_hw[1], scale_hw[0]], np.float32)
    xyxy = np.clip(xyxy, 0, np.array([size_hw[1], size_hw[0]] * 2, np.float32))
    confidence = np.clip(confidence, 0, 1)
    keep = nms(xyxy, confidence, class_id, iou)[:most]
    return Detections(xyxy[keep], confidence[keep], class_id[keep].astype(np.int64), classes)


def boxes_of(distances: Floats, centres: Floats, strides: Floats) -> Floats:
    """Distance logits (k, 4 * bins) to xyxy (k, 4) in input pixels."""
    count = distances.shape[1] // 4
    bins = distances.reshape(-1, 4, count).astype(np.float32)
    weight = np.exp(bins - bins.max(2, keepdims=True))
    mean = (weight @ np.arange(count, dtype=np.float32)) / weight.sum(2)
    sides = mean * strides[:, None]
    return np.asarray(np.concatenate([centres - sides[:, :2], centres + sides[:, 2:]], 1), np.float32)
