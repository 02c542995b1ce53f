"""Precision and recall by confidence: the curve of each class, and where to cut it."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.metrics.matching import THRESHOLDS, ClassMatches, Matches

__all__ = ["Curve", "precision_recall"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Curve:
    """Precision and recall (k,) of what is at least `confidence` (k,), falling; `best_confidence` has the highest
    F1. NaN and empty where the class has no true object or no prediction.
    """

    confidence: Floats
    precision: Floats
    recall: Floats
    n_truths: int
    best_confidence: float
    best_f1: float

    def at(self, confidence: float) -> tuple[float, float]:
        """(precision, recall) of predictions of at least this confidence; precision is NaN where there are none."""
        row = int(np.searchsorted(-self.confidence, -confidence, side="right")) - 1
        if row < 0:
            return math.nan, 0.0 if self.n_truths else math.nan
        return float(self.precision[row]), float(self.recall[row])

    def to_json(self) -> dict[str, Any]:
        """JSON form; NaN becomes null."""
        single = {"best_confidence": self.best_confidence, "best_f1": self.best_f1}
        return {
            "confidence": self.confidence.tolist(),
            "precision": self.precision.tolist(),
            "recall": [None if math.isnan(v) else v for v in self.recall.tolist()],
            "n_truths": self.n_truths,
            **{name: None if math.isnan(v) else v for name, v in single.items()},
        }


def precision_recall(matches: Matches, iou: float = 0.5) -> dict[str, Curve]:
    """The curve of each class at one of the IoU thresholds 0.50, 0.55 ... 0.95."""
    at = int(np.argmin(np.abs(THRESHOLDS - iou)))
    if abs(THRESHOLDS[at] - iou) > 1e-9:
        raise InvalidValue(f"iou must be one of 0.50, 0.55 ... 0.95, got {iou}.")
    return {name: _curve(found, at) for name, found in zip(matches.classes, matches.per_class, strict=True)}


def _curve(found: ClassMatches, at: int) -> Curve:
    counted = ~found.ignored[0, at]
    confidence, hit = found.confidence[counted], found.hit[0, at, counted]
    truths = int(found.truths[0].sum())
    # predictions of equal confidence stand or fall together
    last = np.flatnonzero(np.append(confidence[1:] != confidence[:-1], True)[: len(confidence)])
    hits = np.cumsum(hit)[last]
    precision = hits / (last + 1)
    recall = hits / truths if truths else np.full(len(last), np.nan)
    f1 = 2 * hits / (last + 1 + truths)
    known = bool(truths and len(last))
    best = int(np.argmax(f1)) if known else 0
    chosen = (float(confidence[last][best]), float(f1[best])) if known else (math.nan, math.nan)
    return Curve(confidence[last], precision, recall, truths, *chosen)
