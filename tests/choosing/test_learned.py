"""Ready-made against trained: intervals, folds, the pick."""

from typing import Any

import numpy as np
import pytest

from ocella.choosing.learned import Family, Tried, choose_learned, fold_numbers, labels_to_tell, paired
from ocella.choosing.setting import Setting
from ocella.errors import InvalidValue
from ocella.types import ClassDef, Ontology


def tried(name: str, family: Family, right: int, of: int = 20, nearness: float | None = None) -> Tried:
    score = (np.arange(of) < right).astype(float)
    return Tried(Setting(name), family, score, np.full(of, right / of if nearness is None else nearness))


@pytest.mark.parametrize(
    ("ways", "picked"),
    [
        ((("z", "zero-shot", 10), ("p", "probe", 15), ("f", "fine-tune", 13)), "p"),
        ((("z", "zero-shot", 15), ("p", "probe", 10), ("f", "fine-tune", 13)), "z"),
        ((("z", "zero-shot", 5), ("p", "probe", 10), ("f", "fine-tune", 18)), "f"),
        ((("z", "zero-shot", 10), ("p", "probe", 17), ("f", "fine-tune", 18)), "p"),  # one image is not worth minutes
        ((("z", "zero-shot", 12), ("p", "probe", 12)), "z"),  # all alike: the cheaper
        ((("z", "zero-shot", 12, 0.7), ("p", "probe", 12, 0.8)), "p"),
        ((("z", "zero-shot", 12, 0.8), ("p", "probe", 13, 0.7)), "z"),
        ((("z", "zero-shot", 9, 0.8), ("p", "probe", 13, 0.7)), "p"),
    ],
)
def test_the_pick(ways: tuple[Any, ...], picked: str) -> None:
    chosen = choose_learned([tried(name, family, right, 20, *rest) for name, family, right, *rest in ways], ["a"])
    assert chosen.ranked[0].name == picked
    assert {c.name for c in chosen.comparisons} == {way[0] for way in ways} - {picked}
    rest = [s.main.value for s in chosen.ranked[1:]]
    assert rest == sorted(rest, reverse=True)


@pytest.mark.parametrize(("behind", "picked"), [(0, "both"), (2, "both"), (12, "z")])
def test_what_leans_on_words_and_labels_is_taken_unless_it_is_clearly_behind(behind: int, picked: str) -> None:
    right = (np.arange(40) >= 10 + behind).astype(float)  # wrong where the other is right
    both = Tried(Setting("both"), "probe", right, np.full(40, 0.1), both=True)
    assert choose_learned([tried("z", "zero-shot", 30, 40), both], ["a"]).ranked[0].name == picked


def test_of_the_wordings_of_one_model_the_most_believed_competes() -> None:
    plain, worded = (Setting("conse", Ontology((ClassDef("hat", (prompt,)),))) for prompt in ("hat", "sun hat"))
    score = np.array([1.0, 1, 1, 0, 0])
    ways = [
        Tried(plain, "zero-shot", score, np.ones(5), belief=0.2),
        Tried(worded, "zero-shot", score[::-1], score, belief=0.3),
        Tried(Setting("other"), "zero-shot", score * 0.2, score * 0.2, belief=0.9),
    ]
    assert choose_learned(ways, ["hat"]).ranked[0].name == worded.name
    assert choose_learned(ways[::-1], ["hat"]).ranked[0].name == worded.name


def test_noise_is_called_noise_and_says_how_many_labels_would_tell() -> None:
    few = choose_learned([tried("z", "zero-shot", 2, 5), tried("p", "probe", 4, 5)], ["a"])
    assert few.comparisons[0].verdict == "noise"
    assert few.comparisons[0].more_answers > 0
    assert few.warnings[0].startswith("5 labels cannot tell p from z (zero-shot): +0.40 [")
    assert f"about {few.comparisons[0].more_answers} more labels would" in few.warnings[0]
    many = choose_learned([tried("z", "zero-shot", 20, 50), tried("p", "probe", 40, 50)], ["a"])
    assert (many.comparisons[0].verdict, many.comparisons[0].more_answers, many.warnings) == ("better", 0, ())


def test_two_wordings_of_one_model_may_be_alike_too() -> None:
    chosen = choose_learned([tried("z", "zero-shot", 4, 5), tried("worded", "zero-shot", 2, 5)], ["a"])
    assert [w.partition(" (")[0] for w in chosen.warnings] == ["5 labels cannot tell z from worded"]


def test_ways_that_are_alike_need_no_more_labels() -> None:
    alike = choose_learned([tried("z", "zero-shot", 3, 5), tried("p", "probe", 3, 5)], ["a"])
    assert alike.comparisons[0].more_answers == 0
    assert alike.warnings[0].endswith("they are alike so far.")


def test_accuracy_is_wilsons_unless_images_belong_together() -> None:
    way = tried("z", "zero-shot", 4, 5)
    alone = choose_learned([way], ["a"]).ranked[0].main
    assert (round(alone.low, 3), round(alone.high, 3)) == (0.376, 0.964)  # Wilson of 4 in 5
    together = choose_learned([tried("z", "zero-shot", 40, 50)], ["a"], groups=[i // 10 for i in range(50)])
    apart = choose_learned([tried("z", "zero-shot", 40, 50)], ["a"])
    width = [c.ranked[0].main.high - c.ranked[0].main.low for c in (together, apart)]
    assert width[0] > 1.5 * width[1]


@pytest.mark.parametrize("n", [5, 20, 100])
@pytest.mark.parametrize("true", [0.0, 0.2, 0.5])
def test_paired_intervals_cover_the_truth(n: int, true: float) -> None:
    rng, covered, repeats = np.random.default_rng(0), 0, 2000
    for _ in range(repeats):
        draw = rng.random(n)
        first, second = draw < 0.3 + true / 2, (draw > 0.3 - true / 2) & (draw < 0.6 - true)
        found = paired(first, second)
        covered += found.low <= true <= found.high
    expected = float(np.mean([_difference(u, true) for u in (np.arange(10000) + 0.5) / 10000]))
    assert expected == pytest.approx(true, abs=1e-3)
    assert covered / repeats >= 0.92


def _difference(draw: float, true: float) -> int:
    return int(draw < 0.3 + true / 2) - int((draw > 0.3 - true / 2) and (draw < 0.6 - true))


def test_images_of_a_group_count_as_one() -> None:
    first, second = np.ones(30), np.repeat([0, 1], 15)
    alone, together = paired(first, second), paired(first, second, [i // 5 for i in range(30)])
    assert alone.value == together.value == 0.5
    assert together.high - together.low > 1.5 * (alone.high - alone.low)


def test_enough_labels_do_tell() -> None:
    first, second = np.arange(20) < 12, np.arange(20) < 10
    enough = labels_to_tell(first, second)
    assert enough is not None
    repeated = [np.resize(side, enough // 20 * 20 + 20) for side in (first, second)]
    assert paired(repeated[0], repeated[1]).low > 0
    assert labels_to_tell(first, first) is None


@pytest.mark.parametrize("parts", [2, 5, 12])
def test_folds_spread_classes_and_keep_groups_whole(parts: int) -> None:
    classes = np.repeat([0, 1, 2], 8)
    groups = np.arange(24) // 2
    fold = fold_numbers(classes, parts, groups=groups.tolist(), seed=3)
    assert set(fold) == set(range(parts))
    assert all(len(set(fold[groups == g])) == 1 for g in range(12))
    counts = np.array([[((fold == k) & (classes == c)).sum() for k in range(parts)] for c in range(3)])
    assert np.ptp(counts, axis=1).max() <= 2  # a group has two
    assert (fold_numbers(classes, parts, groups=groups.tolist(), seed=3) == fold).all()


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(InvalidValue, match="same images"):
        choose_learned([tried("z", "zero-shot", 3, 5), tried("p", "probe", 3, 6)], ["a"])
    with pytest.raises(InvalidValue, match="nearness"):
        Tried(Setting("z"), "zero-shot", np.ones(3), np.ones(2))
    with pytest.raises(InvalidValue, match="2 to 3 folds"):
        fold_numbers([0, 1, 2], 4)
