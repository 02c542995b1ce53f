import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocella.choosing.halving import FIRST, Budget, Entrant, Rung, next_rung
from ocella.errors import InvalidValue

IMAGES = 128


def entrants(*figures: tuple[float, float]) -> list[Entrant]:
    """From (seconds, score)."""
    return [Entrant(f"setting {i}", seconds, score) for i, (seconds, score) in enumerate(figures)]


EIGHT = entrants(*((0.1, score / 10) for score in range(8)))


@pytest.mark.parametrize(
    ("seconds", "images", "kept"),
    [
        (math.inf, 128, (7, 6, 5, 4, 3, 2, 1, 0)),
        (8 * 0.1 * 120, 128, (7, 6, 5, 4, 3, 2, 1, 0)),  # to the last image of all
        (0.1 * 120 + 4 * 5 * 0.1 * 8, 16, (7, 6, 5, 4, 3, 2)),  # a quarter of the rest pays for five more
        (0.1 * 120 + 4 * 1 * 0.1 * 8, 16, (7, 6)),
        (0.1 * 120, 16, (7,)),
        (0.1 * 50, 58, (7,)),
        (0.05, 8, (7, 6, 5, 4, 3, 2, 1, 0)),
    ],
)
def test_who_goes_on(seconds: float, images: int, kept: tuple[int, ...]) -> None:
    rung = next_rung(EIGHT, seen=8, images=IMAGES, left=Budget(seconds))
    assert (rung.images, rung.kept) == (images, kept)
    assert {d.name for d in rung.dropped} == {f"setting {i}" for i in range(8)} - {f"setting {i}" for i in kept}


def test_who_was_dropped_is_said_with_when_and_why() -> None:
    rung = next_rung(EIGHT, seen=8, images=IMAGES, left=Budget(0.1 * 120 + 4 * 5 * 0.1 * 8))
    assert [(d.name, d.images) for d in rung.dropped] == [("setting 1", 8), ("setting 0", 8)]
    assert rung.dropped[0].why == "score 0.10, the best 0.70; 0.8 s for 8 more images did not fit the budget"


def test_a_slow_one_gives_way_to_quick_ones_with_lower_scores() -> None:
    several = entrants((0.1, 0.9), (100.0, 0.8), (0.1, 0.7), (0.1, 0.6))
    assert next_rung(several, seen=8, images=IMAGES, left=Budget(40)).kept == (0, 2, 3)


def test_money_bounds_as_time_does() -> None:
    paid = [Entrant("paid", 0.1, 0.9, fee=0.01), Entrant("free", 0.1, 0.5), Entrant("dear", 0.1, 0.8, fee=1.0)]
    rung = next_rung(paid, seen=8, images=IMAGES, left=Budget(money=2.0))
    assert (rung.images, rung.kept) == (16, (0, 1))
    assert rung.dropped[0].why.endswith("0.8 s and 8.00 in fees for 8 more images did not fit the budget")


@pytest.mark.parametrize(
    ("left", "images", "note"),
    [(5.0, 58, "stopped after 58 of 128 images: the budget is spent"), (-3.0, 8, "stopped after 8 of 128 images: the budget is spent")],
)  # fmt: skip
def test_a_budget_that_ends_before_the_images_do_is_said(left: float, images: int, note: str) -> None:
    rung = next_rung(EIGHT, seen=8, images=IMAGES, left=Budget(left))
    assert (rung.images, rung.note, rung.last) == (images, note, True)


@pytest.mark.parametrize(("count", "seen", "images"), [(0, 1, 8), (1, 0, 8), (1, 9, 8)])
def test_impossible_rungs_are_refused(count: int, seen: int, images: int) -> None:
    with pytest.raises(InvalidValue, match="A rung takes"):
        next_rung(EIGHT[:count], seen=seen, images=images, left=Budget())


@pytest.mark.parametrize("figures", [(-1.0, 0.5, 0.0), (0.1, math.nan, 0.0), (0.1, 0.5, -0.1), (math.inf, 0.5, 0.0)])
def test_impossible_figures_are_refused(figures: tuple[float, float, float]) -> None:
    with pytest.raises(InvalidValue, match="needs seconds and fee"):
        Entrant("it", *figures)


races = st.lists(
    st.builds(
        Entrant,
        st.text("abc", min_size=1, max_size=3),
        st.floats(0.001, 10),
        st.floats(-1, 1),
        st.one_of(st.just(0.0), st.floats(0.001, 1)),
    ),
    min_size=1,
    max_size=12,
)
budgets = st.builds(
    Budget, st.one_of(st.just(math.inf), st.floats(0, 5000)), st.one_of(st.just(math.inf), st.floats(0, 500))
)
sizes = st.integers(1, 300)


def run(
    race: list[Entrant], images: int, budget: Budget, slower: float = 1.0
) -> tuple[list[Rung], list[Budget], list[int]]:
    """The whole race: its rungs, what was left after each, and who was kept at last; all costs are `slower` times as large
    as promised.
    """
    seen, left, alive = min(images, FIRST), budget, list(range(len(race)))
    rungs, lefts = [], [left]
    for _ in range(20):
        rung = next_rung([race[i] for i in alive], seen=seen, images=images, left=left)
        alive = [alive[i] for i in rung.kept]
        dear = [Entrant(race[i].name, race[i].seconds * slower, 0.0, race[i].fee * slower) for i in alive]
        left = left.less(dear, rung.images - seen)
        seen = rung.images
        rungs.append(rung)
        lefts.append(left)
        if rung.last:
            return rungs, lefts, alive
    raise AssertionError("the race has no end")


@given(races, sizes, budgets)
def test_a_budget_is_kept_where_looks_take_as_long_as_promised(
    race: list[Entrant], images: int, budget: Budget
) -> None:
    _, lefts, _ = run(race, images, budget)
    assert all(left.seconds >= -1e-6 and left.money >= -1e-6 for left in lefts)


@given(races, sizes, budgets, st.floats(1, 2))
def test_slower_looks_overspend_by_no_more_than_one_rung_promised(
    race: list[Entrant], images: int, budget: Budget, slower: float
) -> None:
    rungs, lefts, _ = run(race, images, budget, slower)
    spent = [(a.seconds - b.seconds) / slower for a, b in pairwise(lefts) if a.seconds < math.inf]
    assert lefts[-1].seconds >= -max(spent, default=0.0) - 1e-6
    assert len(rungs) <= 10


@given(races, sizes, budgets)
def test_the_best_by_score_is_never_dropped(race: list[Entrant], images: int, budget: Budget) -> None:
    _, _, alive = run(race, images, budget)
    assert max(race[i].score for i in alive) == max(e.score for e in race)


@given(races, sizes, budgets)
def test_survivors_look_at_all_images_unless_a_note_says_how_many(
    race: list[Entrant], images: int, budget: Budget
) -> None:
    rungs, _, _ = run(race, images, budget)
    assert (rungs[-1].images == images) != bool(rungs[-1].note)


@given(races, sizes)
def test_nobody_is_dropped_where_the_budget_suffices(race: list[Entrant], images: int) -> None:
    todo = images - min(images, FIRST)
    enough = Budget(sum(e.seconds for e in race) * todo, sum(e.fee for e in race) * todo)
    rungs, _, alive = run(race, images, enough)
    assert len(rungs) == 1
    assert sorted(alive) == list(range(len(race)))


@given(races, sizes, budgets)
def test_everybody_is_kept_or_said_to_be_dropped(race: list[Entrant], images: int, budget: Budget) -> None:
    rungs, _, alive = run(race, images, budget)
    assert len(alive) + sum(len(r.dropped) for r in rungs) == len(race)
    assert [r.images for r in rungs] == sorted(r.images for r in rungs)
