"""Changes of pace, against averages and spreads of numpy and the normal distribution of scipy."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from tests.workflows.running import Step

from ocella.errors import InvalidWorkflow
from ocella.types import Embedding

EMA, SMA, WINDOW = "Exponential Moving Average (EMA)", "Simple Moving Average (SMA)", "Sliding Window"
Array = npt.NDArray[np.float64]


def row(n: int, seed: int = 3) -> Array:
    values = np.array([1.0, 0.5, 0.2, 0.1]) + np.random.default_rng(seed).normal(scale=0.05, size=(n, 4))
    return np.asarray(values / np.linalg.norm(values, axis=1, keepdims=True))


def ema(values: Array) -> tuple[Any, Any]:
    """The definition, value by value: a tenth for the new one."""
    average, variance = values[0], values[0] * 0
    for value in values[1:]:
        average = 0.9 * average + 0.1 * value
        variance = 0.9 * variance + 0.1 * (value - average) ** 2
    return average, np.sqrt(variance)


def sma(values: Array) -> tuple[Any, Any]:
    return values.mean(axis=0), values.std(axis=0, ddof=1) if len(values) > 1 else values[0] * 0


def window(values: Array) -> tuple[Any, Any]:
    return values[-5:].mean(axis=0), values[-5:].std(axis=0)


@pytest.mark.parametrize(("strategy", "spread"), [(EMA, ema), (SMA, sma), (WINDOW, window)])
def test_scores_are_those_of_numpy(strategy: str, spread: Callable[[Array], tuple[Any, Any]]) -> None:
    stats = pytest.importorskip("scipy.stats")
    vectors = row(12)
    with Step("roboflow_core/identify_changes@v1", strategy=strategy, window_size=5) as step:
        found = [step.run(embedding=list(v)) for v in vectors]
    likeness: list[float] = []
    for i, got in enumerate(found):
        average, std = spread(vectors[: i + 1])
        assert got["average"] == pytest.approx(average)
        assert got["std"] == pytest.approx(std, abs=1e-9)
        if i:
            before = spread(vectors[:i])[0]
            likeness.append(float(vectors[i] @ before / np.linalg.norm(before)))
            middle, width = spread(np.array(likeness))
            z = (likeness[-1] - middle) / width if width > 0 else 0.0
            assert got["z_score"] == pytest.approx(z, abs=1e-6)
            assert got["percentile"] == pytest.approx(stats.norm.sf(z), abs=1e-6)
            outlier = i >= 3 and not 0.1 < got["percentile"] < 0.9
            assert (got["is_outlier"], got["warming_up"]) == (outlier, i < 3)


@pytest.mark.parametrize("strategy", [EMA, SMA, WINDOW])
def test_a_jump_is_found_and_rest_is_not(strategy: str) -> None:
    same = Embedding(np.array([1, 0, 0], np.float32), "m")
    other = Embedding(np.array([0, 1, 0], np.float32), "m")
    with Step("identify_changes", strategy=strategy, threshold_percentile=0.1, warmup=5) as step:
        quiet = [step.run(embedding=same) for _ in range(9)]
        jump = step.run(embedding=other)
    assert not any(q["is_outlier"] for q in quiet)
    assert all(q["percentile"] == 0.5 for q in quiet)
    assert jump["is_outlier"] is True
    assert jump["percentile"] > 0.95


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"strategy": "EMA"}, "Simple Moving Average"),
        ({"warmup": -1}, "greater than"),
        ({"window_size": 0}, "greater than"),
    ],
)
def test_wrong_fields_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidWorkflow, match=message), Step("identify_changes", **fields) as step:
        step.run(embedding=[1.0, 2.0])
