from typing import Any

import numpy as np
import pytest

from ocella.errors import InvalidValue, Mismatch
from ocella.metrics.confusion import classification_confusion, detection_confusion
from ocella.types import Classification, Detections


def detections(
    xyxy: Any, confidence: Any, class_id: Any, classes: tuple[str, ...], *rest: Any, **columns: Any
) -> Detections:
    return Detections(xyxy, confidence, class_id, classes, *rest, **columns)


def scores(confidence: Any, classes: tuple[str, ...]) -> Classification:
    return Classification(confidence, classes)


A, B, C = [0, 0, 10, 10], [20, 0, 30, 10], [40, 0, 50, 10]


def some(
    *rows: tuple[list[int], str], confidence: float = 1.0, classes: tuple[str, ...] = ("cat", "dog")
) -> Detections:
    xyxy = np.reshape([r[0] for r in rows], (-1, 4))
    return detections(xyxy, np.full(len(rows), confidence), [classes.index(r[1]) for r in rows], classes)


@pytest.mark.parametrize(
    ("found", "truth", "matrix"),
    [
        (some((A, "cat")), some((A, "cat")), [[1, 0, 0], [0, 0, 0], [0, 0, 0]]),
        (some((A, "dog")), some((A, "cat")), [[0, 1, 0], [0, 0, 0], [0, 0, 0]]),
        (some(), some((A, "cat"), (B, "dog")), [[0, 0, 1], [0, 0, 1], [0, 0, 0]]),
        (some((C, "dog")), some((A, "cat")), [[0, 0, 1], [0, 0, 0], [0, 1, 0]]),
        (some((A, "cat"), confidence=0.2), some((A, "cat")), [[0, 0, 1], [0, 0, 0], [0, 0, 0]]),
        # the right class wins over a better placed wrong one, which is then made up
        (some(([0, 0, 10, 8], "cat"), (A, "dog")), some((A, "cat")), [[1, 0, 0], [0, 0, 0], [0, 1, 0]]),
        # one truth takes one prediction
        (some((A, "cat"), (A, "cat")), some((A, "cat")), [[1, 0, 0], [0, 0, 0], [1, 0, 0]]),
        # the same names in another order
        (some((A, "dog"), classes=("dog", "cat")), some((A, "dog")), [[0, 0, 0], [0, 1, 0], [0, 0, 0]]),
    ],
)
def test_detections(found: Detections, truth: Detections, matrix: list[list[int]]) -> None:
    result = detection_confusion([found], [truth])
    assert result.classes == ("cat", "dog", "background")
    assert result.matrix.tolist() == matrix


def test_crowds_do_not_count() -> None:
    truth = some((A, "cat"), ([15, 0, 60, 10], "cat")).replace(data={"iscrowd": np.array([False, True])})
    result = detection_confusion([some((A, "cat"), (B, "cat"), (C, "dog"))], [truth])
    assert result.matrix.tolist() == [[1, 0, 0], [0, 0, 0], [0, 0, 0]]


def test_worst_mistakes() -> None:
    truths = [some((A, "cat"), (B, "dog"))] * 3
    result = detection_confusion([some((A, "dog"))] * 2 + [some((A, "cat"), (B, "cat"))], truths)
    assert result.worst(2) == [("cat", "dog", 2), ("dog", "background", 2)]
    assert result.worst() == [("cat", "dog", 2), ("dog", "background", 2), ("dog", "cat", 1)]
    assert result.to_json() == {"classes": ["cat", "dog", "background"], "matrix": [[1, 2, 0], [1, 0, 2], [0, 0, 0]]}


def test_classifications() -> None:
    names = ("cat", "dog")
    said = [scores([0.9, 0.1], names), scores([0.2, 0.8], names), scores([0.2, 0.8], names)]
    assert classification_confusion(said, ["cat", "cat", "dog"]).matrix.tolist() == [[1, 1], [0, 1]]
    assert classification_confusion([], []).matrix.shape == (0, 0)


def test_sides_that_do_not_belong_together() -> None:
    said = scores([0.9, 0.1], ("cat", "dog"))
    with pytest.raises(Mismatch, match=r"\['bird'\], which the predictions do not know"):
        classification_confusion([said], ["bird"])
    with pytest.raises(Mismatch, match="different classes"):
        classification_confusion([said, scores([1], ("cat",))], ["cat", "cat"])
    with pytest.raises(InvalidValue, match="predictions must be 2"):
        classification_confusion([said], ["cat", "cat"])
    with pytest.raises(InvalidValue, match="predictions must be 2"):
        detection_confusion([some()], [some()] * 2)
    with pytest.raises(Mismatch, match="'bird'"):
        detection_confusion([some((A, "bird"), classes=("cat", "dog", "bird"))], [some()])
