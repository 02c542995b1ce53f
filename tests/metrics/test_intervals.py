import math
from typing import Any

import numpy as np
import pytest

from ocella.errors import InvalidValue
from ocella.metrics.average_precision import accumulate, match
from ocella.metrics.intervals import Statistic, bootstrap, paired_difference, wilson
from ocella.types import Detections


def detections(
    xyxy: Any, confidence: Any, class_id: Any, classes: tuple[str, ...], *rest: Any, **columns: Any
) -> Detections:
    return Detections(xyxy, confidence, class_id, classes, *rest, **columns)


VALUES = np.random.default_rng(0).normal(5, 2, 100)


def mean(values: Any) -> Statistic:
    return lambda weights: float((values * weights).sum() / weights.sum())


def test_interval_of_a_mean_is_that_of_theory() -> None:
    got = bootstrap(mean(VALUES), 100)
    half = 1.96 * VALUES.std() / 10
    assert got.value == pytest.approx(VALUES.mean())
    assert (got.low, got.high) == pytest.approx((VALUES.mean() - half, VALUES.mean() + half), abs=0.08)


def test_seed_and_level() -> None:
    assert bootstrap(mean(VALUES), 100, seed=1) == bootstrap(mean(VALUES), 100, seed=1)
    assert bootstrap(mean(VALUES), 100, seed=1) != bootstrap(mean(VALUES), 100, seed=2)
    narrow, wide = bootstrap(mean(VALUES), 100, level=0.5), bootstrap(mean(VALUES), 100, level=0.99)
    assert wide.low < narrow.low < narrow.high < wide.high


def test_groups_are_drawn_whole() -> None:
    groups = ["a", "a", "b", "b", "b", "c"]
    seen: list[list[int]] = []

    def remember(weights: Any) -> float:
        seen.append(weights.tolist())
        return 0.0

    bootstrap(remember, 6, groups=groups, resamples=50)
    assert all(w[0] == w[1] and w[2] == w[3] == w[4] and w[0] + w[2] + w[5] == 3 for w in seen)
    assert len({tuple(w) for w in seen}) > 5


def test_groups_widen_the_interval_of_repeated_images() -> None:
    repeated, groups = np.repeat(VALUES[:20], 5), np.repeat(np.arange(20), 5).tolist()
    free, held = bootstrap(mean(repeated), 100), bootstrap(mean(repeated), 100, groups=groups)
    assert held.high - held.low > 1.7 * (free.high - free.low)


def test_paired_difference_is_narrower_than_apart() -> None:
    better = VALUES + 0.1 + np.random.default_rng(1).normal(0, 0.05, 100)
    got = paired_difference(mean(better), mean(VALUES), 100)
    assert 0 < got.low < got.value < got.high < 0.2


def test_average_precision_over_images() -> None:
    truth = detections([[0, 0, 10, 10]], [1], [0], ("a",))
    found = [truth if i % 2 else Detections.empty(("a",)) for i in range(40)]
    matches = match(found, [truth] * 40)
    got = bootstrap(lambda w: accumulate(matches, w, sizes=False).ap50, 40, resamples=200)
    assert got.value == pytest.approx(51 / 101)
    assert 0.3 < got.low < 0.45
    assert 0.55 < got.high < 0.7


def test_resamples_without_a_value_are_left_out() -> None:
    got = bootstrap(lambda w: 1.0 if w[0] else math.nan, 2, resamples=50)
    assert (got.low, got.high) == (1, 1)
    assert bootstrap(lambda _: math.nan, 2, resamples=5).to_json() == {
        "value": None,
        "low": None,
        "high": None,
        "level": 0.95,
    }


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    # Newcombe 1998, table I, method 3
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718), (0, 0, 0, 1)],
)
def test_wilson(k: int, n: int, low: float, high: float) -> None:
    got = wilson(k, n)
    assert (got.low, got.high) == pytest.approx((low, high), abs=5e-5)


def test_wilson_of_all() -> None:
    got = wilson(20, 20)
    assert (got.value, got.high) == (1, 1)
    assert got.low == pytest.approx(0.8389, abs=5e-5)


def test_refusals() -> None:
    with pytest.raises(InvalidValue, match="successes must be within"):
        wilson(3, 2)
    with pytest.raises(InvalidValue, match="groups must be 2"):
        bootstrap(mean(VALUES), 2, groups=["a"])
    with pytest.raises(InvalidValue, match="level within"):
        bootstrap(mean(VALUES), 100, level=95)
