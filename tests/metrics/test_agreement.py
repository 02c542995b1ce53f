from typing import Any

import pytest

from ocella.errors import InvalidValue
from ocella.metrics.agreement import agreement, cohen_kappa
from ocella.types import Detections


def detections(
    xyxy: Any, confidence: Any, class_id: Any, classes: tuple[str, ...], *rest: Any, **columns: Any
) -> Detections:
    return Detections(xyxy, confidence, class_id, classes, *rest, **columns)


CLASSES = ("cat", "dog")
A, B, C = [0, 0, 10, 10], [20, 0, 30, 10], [40, 0, 50, 10]


def some(*rows: tuple[list[int], int]) -> Detections:
    return detections([r[0] for r in rows], [1] * len(rows), [r[1] for r in rows], CLASSES)


@pytest.mark.parametrize(
    ("ours", "theirs", "counts", "share"),
    [
        (some((A, 0), (B, 1)), some((B, 1), (A, 0)), (2, 0, 0, 0), 1),
        (some((A, 0)), some((A, 1)), (0, 1, 0, 0), 0),
        (some((A, 0), (B, 0)), some((A, 0), (C, 0)), (1, 0, 1, 1), 1 / 3),
        (some((A, 0)), some(([0, 0, 10, 4], 0)), (0, 0, 1, 1), 0),
        (some((A, 0), (A, 1)), some((A, 1), (A, 0)), (2, 0, 0, 0), 1),
        (some(), some(), (0, 0, 0, 0), 1),
    ],
)
def test_counts(ours: Detections, theirs: Detections, counts: tuple[int, ...], share: float) -> None:
    result = agreement([ours], [theirs])
    assert (result.matched, result.swapped, result.missing, result.extra) == counts
    assert result.share == pytest.approx(share)


def test_swaps_are_named_most_frequent_first() -> None:
    result = agreement([some((A, 0), (B, 1))] + [some((A, 1))] * 2, [some((A, 1), (B, 1))] + [some((A, 0))] * 2)
    assert result.to_json() == {
        "matched": 1,
        "swapped": 3,
        "missing": 0,
        "extra": 0,
        "mean_iou": 1.0,
        "share": 0.25,
        "swaps": [{"a": "dog", "b": "cat", "times": 2}, {"a": "cat", "b": "dog", "times": 1}],
    }


@pytest.mark.parametrize(
    ("a", "b", "kappa"),
    [
        (["x", "y", "x", "y"], ["x", "y", "x", "y"], 1),
        (["x", "x", "y", "y"], ["x", "y", "x", "y"], 0),
        (["x", "y"], ["y", "x"], -1),
        (["x", "x"], ["x", "x"], 1),
        # Cohen's own kind of table: 20, 5, 10, 15
        (["y"] * 25 + ["n"] * 25, ["y"] * 20 + ["n"] * 5 + ["y"] * 10 + ["n"] * 15, 0.4),
    ],
)
def test_kappa(a: list[str], b: list[str], kappa: float) -> None:
    assert cohen_kappa(a, b) == pytest.approx(kappa)


def test_refusals() -> None:
    with pytest.raises(InvalidValue, match="same images, got 1 and 0"):
        agreement([some()], [])
    with pytest.raises(InvalidValue, match="at least one, got 0 and 0"):
        cohen_kappa([], [])
