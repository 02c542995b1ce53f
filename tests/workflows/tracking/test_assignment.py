import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from ocella.workflows.tracking.assignment import assign, best_pairs


@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (7, 12), (12, 7), (40, 35), (1, 9)])
@pytest.mark.parametrize("low", [0.0, -0.5])
def test_sum_as_scipy(shape: tuple[int, int], low: float) -> None:
    random = np.random.default_rng(shape[0])
    for _ in range(10):
        weights = random.uniform(low, 1, shape)
        rows, columns = assign(weights)
        assert len(rows) == min(shape) == len(set(columns.tolist()))
        assert (np.diff(rows) > 0).all()
        assert weights[rows, columns].sum() == pytest.approx(weights[linear_sum_assignment(-weights)].sum())


@pytest.mark.parametrize("shape", [(0, 0), (0, 4), (4, 0)])
def test_nothing(shape: tuple[int, int]) -> None:
    rows, columns = best_pairs(np.zeros(shape), 0.1)
    assert len(rows) == len(columns) == 0


@pytest.mark.parametrize(
    ("gate", "pairs"),
    [
        (False, [(0, 1)]),  # 0.6 + 0.1 is the best sum, of which one pair is too weak
        (True, [(0, 0)]),
    ],
)
def test_before_or_after_the_threshold(*, gate: bool, pairs: list[tuple[int, int]]) -> None:
    similarity = np.array([[0.65, 0.6], [0.1, 0.0]])
    rows, columns = best_pairs(similarity, 0.62 if gate else 0.3, gate=gate)
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == pairs


def test_what_does_not_overlap_is_no_pair() -> None:
    assert len(best_pairs(np.zeros((2, 2)), 0.0)[0]) == 0
