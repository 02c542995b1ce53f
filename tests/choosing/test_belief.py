"""What is thought of a unit, before and after answers."""

import numpy as np
import pytest
from tests.choosing.scenes import scenes

from ocella.choosing.belief import Belief
from ocella.choosing.objects import Objects
from ocella.choosing.pool import Claims, Pool
from ocella.errors import InvalidValue


def pool_of(confidence: list[list[float]], prompts: list[int] | None = None, twin: list[float] | None = None) -> Pool:
    """One class, one image, no gaps; a confidence of 0 is no claim."""
    table = np.array(confidence, np.float64)
    runs, n = table.shape
    empty = np.zeros(0, np.int64)
    claims = [Claims(empty, empty, np.zeros(0), 0.35, p) for p in prompts or [0] * runs]
    return Pool(
        ("cat",),
        1,
        tuple(claims),
        np.zeros(n, np.int64),
        np.where(table > 0, 0, -1),
        table,
        np.zeros(n, bool),
        np.asarray((table >= 0.35).any(axis=0)),
        np.array(twin or [0.0] * n),
    )


def test_surer_claims_agreed_claims_and_claims_alone_are_likelier() -> None:
    p = Belief.prior(pool_of([[0.2, 0.4, 0.8, 0.4, 0.4], [0, 0, 0, 0.4, 0]], twin=[0, 0, 0, 0, 0.9])).probability
    assert p[0] < p[1] < p[2]
    assert p[1] < p[3]
    assert p[4] < p[1]


def test_answers_move_alike_units_and_a_slip_moves_little() -> None:
    prior = Belief.prior(pool_of([[0.4] * 20]))
    before = prior.probability[0]
    assert prior.after([0, 1, 2], [True] * 3).probability[10] > before
    assert prior.after([0, 1, 2], [False] * 3).probability[10] < before
    many = prior.after(range(15), [True] * 15).probability[19]
    slip = prior.after(range(16), [True] * 15 + [False]).probability[19]
    assert many > 0.7
    assert many - slip < 0.15


def test_a_wording_that_is_wrong_is_found_out() -> None:
    """The second wording finds the same and a lot that is nothing of the kind, very surely."""
    table = np.zeros((2, 60))
    table[:, :20], table[1, 20:] = 0.7, 0.8
    prior = Belief.prior(pool_of(table.tolist(), prompts=[0, 1]))
    after = prior.after([0, 1, 2, 3, 20, 21, 22, 23, 24], [True] * 4 + [False] * 5).probability
    assert after[10] > 0.6
    assert after[40] < 0.35


def test_more_doubt_about_coefficients_means_less_extreme_probabilities() -> None:
    pool = pool_of([[0.95, 0.2]])
    prior = Belief.prior(pool)
    sure = Belief(prior.x, prior.at, prior.precision * 1e6)
    assert 0.5 < prior.probability[0] < sure.probability[0]
    assert sure.probability[1] < prior.probability[1] < 0.5


@pytest.mark.parametrize("seed", range(4))
def test_probabilities_are_near_the_truth(seed: int) -> None:
    """After answers about a third of the units, among units called likely more are true than among those called unlikely."""
    from ocella.choosing.label_asker import LabelAsker

    world = scenes(seed, images=40)
    objects = Objects(world.runs, world.files)
    asker = LabelAsker(world.truths, "truth")
    units = np.flatnonzero(~objects.pool.gap)
    right = np.array(
        [(s := objects.settle(int(u), asker(objects.question(int(u))))) is not None and s.class_id == 0 for u in units]
    )
    rows = np.random.default_rng(seed).permutation(len(units))[: len(units) // 3]
    p = Belief.prior(objects.pool).after(units[rows], right[rows]).probability[units]
    assert abs(p.sum() - right.sum()) < 0.25 * right.sum()
    assert right[p > 0.6].mean() > 0.6
    assert right[p < 0.3].mean() < 0.3


def test_a_pool_is_checked() -> None:
    good = pool_of([[0.4, 0.5]])
    with pytest.raises(InvalidValue, match="shape"):
        Pool(
            good.classes,
            1,
            good.claims,
            good.image,
            good.class_id[:, :1],
            good.confidence,
            good.gap,
            good.core,
            good.twin,
        )
    with pytest.raises(InvalidValue, match="gap"):
        Pool(good.classes, 1, good.claims, good.image, good.class_id, good.confidence, ~good.gap, good.core, good.twin)
    with pytest.raises(InvalidValue, match="image"):
        Pool(
            good.classes, 1, good.claims, good.image + 1, good.class_id, good.confidence, good.gap, good.core, good.twin
        )
