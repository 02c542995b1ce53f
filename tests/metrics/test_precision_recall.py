import json
import math
from typing import Any

import numpy as np
import pytest

from ocella.errors import InvalidValue
from ocella.metrics.matching import match
from ocella.metrics.precision_recall import precision_recall
from ocella.types import Detections


def detections(
    xyxy: Any, confidence: Any, class_id: Any, classes: tuple[str, ...], *rest: Any, **columns: Any
) -> Detections:
    return Detections(xyxy, confidence, class_id, classes, *rest, **columns)


BOX = [[0, 0, 10, 10], [20, 0, 30, 10], [40, 0, 50, 10]]


def on_line(hits: list[bool], confidence: list[float], n_truths: int) -> tuple[Detections, Detections]:
    """Predictions in a row, each on its own true box or nowhere."""
    xyxy = [[20 * i, 0 if hit else 50, 20 * i + 10, 10 if hit else 60] for i, hit in enumerate(hits)]
    truth = [[20 * i, 0, 20 * i + 10, 10] for i, hit in enumerate(hits) if hit]
    truth += [[0, 100 + 20 * i, 10, 110 + 20 * i] for i in range(n_truths - len(truth))]
    found = detections(np.reshape(xyxy, (-1, 4)), confidence, np.zeros(len(hits), int), ("a",))
    return found, detections(np.reshape(truth, (-1, 4)), np.ones(n_truths), np.zeros(n_truths, int), ("a",))


@pytest.mark.parametrize(
    ("hits", "confidence", "n", "precision", "recall", "best", "f1"),
    [
        ([True, False, True], [0.9, 0.5, 0.25], 2, [1, 1 / 2, 2 / 3], [1 / 2, 1 / 2, 1], 0.25, 0.8),
        ([True, True, False], [0.75, 0.5, 0.25], 2, [1, 1, 2 / 3], [1 / 2, 1, 1], 0.5, 1.0),
        ([True, False], [0.5, 0.5], 4, [1 / 2], [1 / 4], 0.5, 1 / 3),
        ([False], [0.5], 1, [0], [0], 0.5, 0.0),
        ([], [], 1, [], [], math.nan, math.nan),
        ([False], [0.5], 0, [0], [math.nan], math.nan, math.nan),
    ],
)
def test_curves(
    hits: list[bool],
    confidence: list[float],
    n: int,
    precision: list[float],
    recall: list[float],
    best: float,
    f1: float,
) -> None:
    found, truth = on_line(hits, confidence, n)
    curve = precision_recall(match([found], [truth]))["a"]
    np.testing.assert_allclose(curve.precision, precision)
    np.testing.assert_allclose(curve.recall, recall)
    assert (curve.best_confidence, curve.best_f1) == pytest.approx((best, f1), nan_ok=True)
    assert "NaN" not in json.dumps(curve.to_json())


@pytest.mark.parametrize(
    ("confidence", "wanted"), [(0.95, (math.nan, 0)), (0.9, (1, 1 / 2)), (0.6, (1, 1 / 2)), (0.0, (2 / 3, 1))]
)
def test_at_a_confidence(confidence: float, wanted: tuple[float, float]) -> None:
    found, truth = on_line([True, False, True], [0.9, 0.5, 0.25], 2)
    curve = precision_recall(match([found], [truth]))["a"]
    assert curve.at(float(np.float32(confidence))) == pytest.approx(wanted, nan_ok=True)


def test_only_measured_thresholds() -> None:
    found, truth = on_line([True], [0.9], 1)
    moved = found.replace(xyxy=[[0, 0, 10, 8]])
    matches = match([moved], [truth])
    assert precision_recall(matches, 0.75)["a"].best_f1 == 1
    assert precision_recall(matches, 0.85)["a"].best_f1 == 0
    with pytest.raises(InvalidValue, match=r"iou must be one of 0\.50"):
        precision_recall(matches, 0.3)
