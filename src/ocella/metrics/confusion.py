"""Which class is taken for which."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue, Mismatch
from ocella.metrics.names import compared
from ocella.metrics.overlap import box_overlap
from ocella.metrics.pairing import pair
from ocella.types import Classification, Detections

__all__ = ["BACKGROUND", "Confusion", "classification_confusion", "detection_confusion"]

BACKGROUND = "background"


@dataclass(frozen=True, eq=False)
class Confusion:
    """`matrix[i, j]` things of true class i were called class j; for detections the last one is background, so the last
    column counts what was missed and the last row what was made up.
    """

    classes: tuple[str, ...]
    matrix: npt.NDArray[np.int64]

    def worst(self, k: int = 5) -> list[tuple[str, str, int]]:
        """The k most frequent mistakes: (true class, called, times)."""
        wrong = self.matrix * ~np.eye(len(self.classes), dtype=bool)
        order = np.argsort(-wrong, axis=None, kind="stable")[:k]
        places = zip(*np.unravel_index(order, wrong.shape), strict=True)
        return [(self.classes[i], self.classes[j], int(wrong[i, j])) for i, j in places if wrong[i, j]]

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return {"classes": list(self.classes), "matrix": self.matrix.tolist()}


def detection_confusion(
    predictions: Sequence[Detections],
    truths: Sequence[Detections],
    classes: Sequence[str] | None = None,
    *,
    iou: float = 0.5,
    confidence: float = 0.25,
) -> Confusion:
    """Of predictions of at least `confidence`, paired with the truths one to one. Crowds, and what lies half in one, do
    not count. Raises Mismatch, InvalidValue.
    """
    if len(predictions) != len(truths):
        raise InvalidValue(f"predictions must be {len(truths)}, one an image, got {len(predictions)}.")
    names = compared(predictions, truths, classes)
    place = {name: i for i, name in enumerate(names)}
    matrix = np.zeros((len(names) + 1, len(names) + 1), np.int64)
    for prediction, truth in zip(predictions, truths, strict=True):
        found = _only(prediction[prediction.confidence >= confidence], names)
        known = _only(truth, names)
        crowd = np.asarray(known.data.get("iscrowd", np.zeros(len(known))), bool)
        crowds, known = known[crowd], known[~crowd]
        rows, columns, _ = pair(known, found, iou)
        true, called = (np.array([place[n] for n in side.names], np.int64) for side in (known, found))
        spare = np.ones(len(found), bool)
        spare[columns] = False
        spare &= ~(box_overlap(found.xyxy, crowds.xyxy, np.ones(len(crowds), bool)) >= 0.5).any(axis=1)
        np.add.at(matrix, (true[rows], called[columns]), 1)
        matrix[:, -1] += np.bincount(np.delete(true, rows), minlength=len(matrix))
        matrix[-1] += np.bincount(called[spare], minlength=len(matrix))
    return Confusion((*names, BACKGROUND), matrix)


def classification_confusion(predictions: Sequence[Classification], truths: Sequence[str]) -> Confusion:
    """Of the best class of each image against its true name; all predictions over one tuple of classes."""
    if len(predictions) != len(truths):
        raise InvalidValue(f"predictions must be {len(truths)}, one an image, got {len(predictions)}.")
    if len({p.classes for p in predictions}) > 1:
        raise Mismatch("Predictions over different classes cannot share one confusion matrix.")
    names = predictions[0].classes if predictions else tuple(dict.fromkeys(truths))
    unknown = sorted(set(truths) - set(names))
    if unknown:
        raise Mismatch(f"The truths have {unknown[:5]}, which the predictions do not know. Rename the classes.")
    matrix = np.zeros((len(names), len(names)), np.int64)
    for prediction, truth in zip(predictions, truths, strict=True):
        matrix[names.index(truth), names.index(prediction.top(1)[0][0])] += 1
    return Confusion(names, matrix)


def _only(side: Detections, names: tuple[str, ...]) -> Detections:
    return side[np.array([n in names for n in side.names], bool)]
