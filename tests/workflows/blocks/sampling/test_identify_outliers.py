"""Odd embeddings, against ranks of scipy."""

from typing import Any

import numpy as np
import pytest
from tests.workflows.running import Step

from ocella.errors import InvalidWorkflow


@pytest.mark.parametrize("window", [6, None])
def test_percentiles_are_ranks_of_scipy(window: int | None) -> None:
    stats = pytest.importorskip("scipy.stats")
    vectors = np.array([1.0, 0.5, 0.2]) + np.random.default_rng(5).normal(scale=0.1, size=(12, 3))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    with Step("roboflow_core/identify_outliers@v1", window_size=window, threshold_percentile=0.2) as step:
        found = [step.run(embedding=list(7 * v)) for v in vectors]
    for i, got in enumerate(found):
        if i < 2:
            assert got == {"is_outlier": False, "percentile": 0.5, "warming_up": True}
            continue
        seen = vectors[: i + 1] if window is None else vectors[: i + 1][-window:]
        alike = seen @ seen.mean(axis=0)
        percentile = stats.percentileofscore(alike, alike[-1], kind="strict") / 100
        assert got["percentile"] == pytest.approx(percentile)
        assert got["is_outlier"] is bool(percentile < 0.2 or percentile > 0.8)


def test_an_odd_one_is_found_and_the_same_is_not() -> None:
    with Step("identify_outliers", warmup=2, threshold_percentile=0.05) as step:
        for _ in range(8):
            same = step.run(embedding=[1.0, 0.01])
            step.run(embedding=[0.01, 1.0])
        odd = step.run(embedding=[-1.0, 0.0])
    assert (odd["is_outlier"], odd["percentile"]) == (True, 0.0)
    assert same["warming_up"] is False


def test_opposite_ones_have_no_direction_but_a_result() -> None:
    with Step("identify_outliers", warmup=1) as step:
        step.run(embedding=[1.0, 0.0])
        assert step.run(embedding=[-1.0, 0.0])["percentile"] == 0.5
        assert 0 <= step.run(embedding=[0.0, 0.0])["percentile"] <= 1


@pytest.mark.parametrize("fields", [{"window_size": 0}, {"threshold_percentile": 2}, {"warmup": "x"}])
def test_wrong_fields_are_refused(fields: dict[str, Any]) -> None:
    (name,) = fields
    with pytest.raises(InvalidWorkflow, match=f"'{name}'"), Step("identify_outliers", **fields) as step:
        step.run(embedding=[1.0, 2.0])
