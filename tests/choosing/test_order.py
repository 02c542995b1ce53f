"""Which units are asked about, and with what chance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.choosing.scenes import scenes

from ocella.choosing.belief import Belief
from ocella.choosing.cuts import Cuts
from ocella.choosing.objects import Objects
from ocella.choosing.order import allocate, draw, even_sizes, expected_missing, sizes

positive = st.lists(st.floats(1e-6, 1e3), min_size=1, max_size=40)


@given(positive, st.data())
def test_chances_add_up_to_the_count(size: list[float], data: st.DataObject) -> None:
    free = np.array(data.draw(st.lists(st.booleans(), min_size=len(size), max_size=len(size))))
    if not free.any():
        free[0] = True
    count = data.draw(st.integers(1, int(free.sum())))
    chance = allocate(np.array(size), free, count)
    assert chance[free].sum() == pytest.approx(count, rel=1e-6)
    assert ((chance >= 0) & (chance <= 1)).all()


def test_chances_are_in_proportion_to_sizes() -> None:
    chance = allocate(np.array([1.0, 2, 3, 100]), np.ones(4, bool), 2)
    np.testing.assert_allclose(chance, [1 / 6, 2 / 6, 3 / 6, 1])


def test_units_are_drawn_as_often_as_their_chance_says() -> None:
    size = np.array([0.3, 1, 1, 2, 4, 0.1, 3, 1])
    free = np.ones(8, bool)
    chance = allocate(size, free, 3)
    random = np.random.default_rng(0)
    times = np.zeros(8)
    for _ in range(4000):
        times[draw(chance, free, random)[:3]] += 1
    np.testing.assert_allclose(times / 4000, chance, atol=0.03)


def test_what_is_not_free_is_not_drawn() -> None:
    free = np.array([True, False, True])
    order = draw(allocate(np.ones(3), free, 1), free, np.random.default_rng(0))
    assert sorted(order.tolist()) == [0, 2]


def test_doubtful_units_are_worth_more_and_none_is_worth_nothing() -> None:
    world = scenes(0)
    pool = Objects(world.runs, world.files).pool
    p = np.where(pool.gap, 0, Belief.prior(pool).probability)
    missing = expected_missing(pool, p, np.zeros(0, np.int64), np.zeros((0, 1)))
    size = sizes(pool, Cuts.of(pool), p, missing, 1.0)
    assert (size > 0).all()
    doubtful, plain = pool.core & (np.abs(p - 0.5) < 0.2), pool.core & (p > 0.85)
    assert size[doubtful].mean() > size[plain].mean()
    even = even_sizes(pool, size)
    assert len(set(even[pool.gap].tolist())) == 1
    assert even[pool.gap].sum() == pytest.approx(size[pool.gap].sum())
    assert even[~pool.gap].sum() == pytest.approx(size[~pool.gap].sum())


def test_counted_gaps_correct_what_is_expected_elsewhere() -> None:
    world = scenes(0)
    pool = Objects(world.runs, world.files).pool
    p = np.where(pool.gap, 0, Belief.prior(pool).probability)
    none = np.zeros(0, np.int64)
    before = expected_missing(pool, p, none, np.zeros((0, 1))).sum()
    many = expected_missing(pool, p, np.array([0, 1, 2]), np.array([[3.0], [2.0], [4.0]])).sum()
    few = expected_missing(pool, p, np.array([0, 1, 2]), np.zeros((3, 1))).sum()
    assert few < before < many
