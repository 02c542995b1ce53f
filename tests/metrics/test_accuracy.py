import numpy as np
import pytest

from ocella.errors import InvalidValue, Mismatch
from ocella.metrics.accuracy import accuracy
from ocella.types import Classification

NAMES = ("a", "b", "c", "d", "e", "f")


def said(*scores: float) -> Classification:
    return Classification(np.array(scores, np.float32), NAMES)


def test_accuracy() -> None:
    result = accuracy(
        [
            said(0.9, 0.1, 0.1, 0.1, 0.1, 0),
            said(0.9, 0.1, 0.1, 0.1, 0.1, 0),
            said(0.9, 0.1, 0.1, 0.1, 0.1, 0),
            said(0, 0.9, 0.1, 0.1, 0.1, 0.1),
        ],
        ["a", "b", "f", "b"],
    )
    assert (result.top1, result.top5) == (0.5, 0.75)
    assert result.balanced == pytest.approx((1 + 0.5 + 0) / 3)
    assert result.correct.tolist() == [True, False, False, True]
    assert result.per_class["a"] == {"recall": 1.0, "precision": pytest.approx(1 / 3), "n_truths": 1}
    assert result.per_class["c"] == {"recall": 0.0, "precision": 0.0, "n_truths": 0}
    assert result.to_json()["per_class"]["b"] == {"recall": 0.5, "precision": 1.0, "n_truths": 2}


def test_refusals() -> None:
    with pytest.raises(InvalidValue, match="at least one image"):
        accuracy([], [])
    with pytest.raises(Mismatch, match="do not know"):
        accuracy([said(1, 0, 0, 0, 0, 0)], ["z"])
