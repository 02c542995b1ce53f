"""How often a classifier is right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.metrics.confusion import classification_confusion
from ocella.types import Classification

__all__ = ["Accuracy", "accuracy"]


@dataclass(frozen=True, eq=False)
class Accuracy:
    """Share of images whose true class came first (`top1`) or among five (`top5`); `balanced` is the mean over classes
    that occur; `per_class[name]` has recall, precision, n_truths; `correct` (n,) is top 1 per image.
    """

    top1: float
    top5: float
    balanced: float
    per_class: Mapping[str, Mapping[str, float]]
    correct: npt.NDArray[np.bool_]

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        per_class = {name: dict(row) for name, row in self.per_class.items()}
        return {"top1": self.top1, "top5": self.top5, "balanced": self.balanced, "per_class": per_class}


def accuracy(predictions: Sequence[Classification], truths: Sequence[str]) -> Accuracy:
    """Of predictions against true class names; raises Mismatch for an unknown name, InvalidValue without images."""
    if not truths:
        raise InvalidValue("Accuracy needs at least one image, got none.")
    matrix = classification_confusion(predictions, truths).matrix
    tops = [[name for name, _ in p.top(5)] for p in predictions]
    correct = np.array([top[0] == truth for top, truth in zip(tops, truths, strict=True)])
    top5 = float(np.mean([truth in top for top, truth in zip(tops, truths, strict=True)]))
    per_class = {
        name: {
            "recall": float(matrix[i, i] / max(1, matrix[i].sum())),
            "precision": float(matrix[i, i] / max(1, matrix[:, i].sum())),
            "n_truths": int(matrix[i].sum()),
        }
        for i, name in enumerate(predictions[0].classes)
    }
    balanced = float(np.mean([row["recall"] for row in per_class.values() if row["n_truths"]]))
    return Accuracy(float(correct.mean()), top5, balanced, per_class, correct)
