"""Mean intersection over union of class maps."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ocella.errors import InvalidValue, Mismatch
from ocella.types import SegmentationMap

__all__ = ["MaskIou", "mask_iou"]


@dataclass(frozen=True)
class MaskIou:
    """`mean` IoU over classes that occur on either side, IoU `per_class` (NaN where absent), share of `correct` pixels."""

    mean: float
    per_class: Mapping[str, float]
    correct: float

    def to_json(self) -> dict[str, Any]:
        """JSON form; NaN becomes null."""
        per_class = {name: None if math.isnan(v) else v for name, v in self.per_class.items()}
        mean, correct = (None if math.isnan(v) else v for v in (self.mean, self.correct))
        return {"mean": mean, "per_class": per_class, "correct": correct}


def mask_iou(predictions: Sequence[SegmentationMap], truths: Sequence[SegmentationMap]) -> MaskIou:
    """Over the pixels of all images together, by class name; pixels that the truth leaves unlabelled do not count.
    Raises Mismatch for other names or sizes.
    """
    if len(predictions) != len(truths):
        raise InvalidValue(f"predictions must be {len(truths)}, one an image, got {len(predictions)}.")
    names = tuple(dict.fromkeys(n for t in truths for n in t.classes))
    # the last row and column are unlabelled pixels
    matrix = np.zeros((len(names) + 1, len(names) + 1), np.int64)
    for prediction, truth in zip(predictions, truths, strict=True):
        if prediction.class_id.shape != truth.class_id.shape:
            raise Mismatch(f"Maps must be of one size, got {prediction.class_id.shape} for {truth.class_id.shape}.")
        pixels = _numbers(truth, names) * (len(names) + 1) + _numbers(prediction, names)
        matrix += np.bincount(pixels.ravel(), minlength=matrix.size).reshape(matrix.shape)
    matrix = matrix[:-1]
    hits = np.diagonal(matrix).astype(np.float64)
    union = matrix.sum(axis=1) + matrix.sum(axis=0)[:-1] - hits
    each = np.divide(hits, union, out=np.full(len(names), np.nan), where=union > 0)
    known = each[~np.isnan(each)]
    correct = float(hits.sum() / matrix.sum()) if matrix.sum() else math.nan
    return MaskIou(
        float(known.mean()) if known.size else math.nan, dict(zip(names, each.tolist(), strict=True)), correct
    )


def _numbers(value: SegmentationMap, names: tuple[str, ...]) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    absent = [n for i, n in enumerate(value.classes) if n not in names and (value.class_id == i).any()]
    if absent:
        raise Mismatch(f"The predictions have {absent[:5]}, which the truths do not know. Rename the classes.")
    place = {name: i for i, name in enumerate(names)}
    return np.array([*(place.get(n, len(names)) for n in value.classes), len(names)], np.int64)[value.class_id]
