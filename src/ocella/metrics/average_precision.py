"""Average precision of detections, by COCO's rules: IoU 0.50 to 0.95, 101 recall points, 100 detections an image."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.metrics.matching import AREAS, ClassMatches, Matches, On, match
from ocella.types import Detections

__all__ = ["AveragePrecision", "accumulate", "average_precision", "match"]

Weights = npt.NDArray[np.integer]

_RECALLS = np.linspace(0, 1, 101)


@dataclass(frozen=True)
class AveragePrecision:
    """AP over IoU 0.50:0.95, at 0.50 and 0.75, by size of object (under 32², to 96², over), `recall` at 100 detections;
    `per_class[name]` has ap, ap50, recall, n_truths. NaN where there is no true object to find (null in JSON).
    """

    ap: float
    ap50: float
    ap75: float
    small: float
    medium: float
    large: float
    recall: float
    per_class: Mapping[str, Mapping[str, float]]
    n_images: int

    def to_json(self) -> dict[str, Any]:
        """JSON form; NaN becomes null."""
        numbers = ("ap", "ap50", "ap75", "small", "medium", "large", "recall")
        return {
            **{name: _or_none(getattr(self, name)) for name in numbers},
            "per_class": {k: {f: _or_none(v) for f, v in row.items()} for k, row in self.per_class.items()},
            "n_images": self.n_images,
        }


def average_precision(
    predictions: Sequence[Detections],
    truths: Sequence[Detections],
    classes: Sequence[str] | None = None,
    *,
    on: On = "boxes",
) -> AveragePrecision:
    """How well predictions find the truths, image by image in the same order; see `match` for names and crowds."""
    return accumulate(match(predictions, truths, classes, on=on))


def accumulate(matches: Matches, weights: Weights | None = None, *, sizes: bool = True) -> AveragePrecision:
    """The result with image i counted `weights[i]` times (once each by default): a resample costs no new matching.
    Without `sizes` small, medium and large stay NaN, which is four times as quick.
    """
    counts = np.ones(matches.n_images, np.int64) if weights is None else np.asarray(weights)
    if counts.shape != (matches.n_images,):
        raise InvalidValue(f"weights must have shape ({matches.n_images},), got {counts.shape}.")
    by_area = []
    for area in range(len(AREAS) if sizes else 1):
        rows = [_class_precision(c, counts, area) for c in matches.per_class]
        by_area.append((np.array([r[0] for r in rows]).reshape(-1, 10), np.array([r[1] for r in rows])))
    precision, recall = by_area[0]
    truths = [int(c.truths[0] @ counts) for c in matches.per_class]
    per_class = {
        name: {
            "ap": float(precision[k].mean()),
            "ap50": float(precision[k, 0]),
            "recall": float(recall[k]),
            "n_truths": truths[k],
        }
        for k, name in enumerate(matches.classes)
    }
    small, medium, large = (_mean(p) for p, _ in by_area[1:]) if sizes else (math.nan,) * 3
    overall = _mean(precision), _mean(precision[:, 0]), _mean(precision[:, 5])
    return AveragePrecision(*overall, small, medium, large, _mean(recall), per_class, int(counts.sum()))


def _class_precision(found: ClassMatches, weights: Weights, area: int) -> tuple[npt.NDArray[np.float64], float]:
    """AP at each IoU threshold, and the mean recall reached; NaN without true objects."""
    hit, counted = found.hit[area] & ~found.ignored[area], ~found.ignored[area]
    n_truths = int(found.truths[area] @ weights)
    if n_truths == 0:
        return np.full(len(hit), np.nan), math.nan
    # nothing after the last hit changes the curve
    last = int(np.flatnonzero(hit.any(axis=0)).max(initial=-1)) + 1
    times = weights[found.image[:last]]
    hits = np.cumsum(hit[:, :last] * times, axis=1)
    precision = hits / np.maximum(np.cumsum(counted[:, :last] * times, axis=1), 1)
    precision = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    recall = hits / n_truths
    padded = np.concatenate([precision, np.zeros((len(hit), 1))], axis=1)
    points = [row[np.searchsorted(reached, _RECALLS)].mean() for row, reached in zip(padded, recall, strict=True)]
    return np.array(points), float(recall[:, -1].mean()) if last else 0.0


def _mean(values: npt.NDArray[np.float64]) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else math.nan


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value
