"""The decision: for each run the thresholds that suit the goal, and the runs in order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ocella.choosing.cuts import thresholds
from ocella.choosing.goal import Goal
from ocella.choosing.pool import Pool
from ocella.choosing.totals import Cut, Totals
from ocella.metrics.intervals import Interval

__all__ = ["Judge", "Pick", "is_settled", "more_answers", "picks"]

_OWN = 8.0
"""So many answers about a class weigh as much as those about all classes together when its threshold is chosen."""
_ALIKE = 0.03
"""Settings nearer than this in F are as good as each other."""
_SURE = 0.05
_MOST_MORE = 2000


class Judge(Protocol):
    """Figures of cuts, from answers (Estimator) or from labels (Labelled)."""

    pool: Pool

    def known(self, class_id: int) -> float:
        """How many answers were about the class."""

    def expected(self, cut: Cut, classes: Sequence[int] | None = None) -> Totals:
        """The steadiest figures, to choose by."""

    def totals(self, cut: Cut, classes: Sequence[int] | None = None) -> Totals:
        """Unbiased figures, to report."""

    def precision(self, cut: Cut, classes: Sequence[int] | None = None) -> Interval:
        """Share of the claims that is right."""

    def recall(self, cut: Cut, classes: Sequence[int] | None = None) -> Interval:
        """Share of the true things that is found."""

    def f(self, cut: Cut, beta: float = 1.0, classes: Sequence[int] | None = None) -> Interval:
        """F with recall weighed by `beta`."""

    def difference(self, one: Cut, other: Cut, beta: float = 1.0) -> Interval:
        """F of one minus F of the other."""

    def ap(self, run: int, classes: Sequence[int] | None = None) -> Interval:
        """Average precision at IoU 0.5."""


@dataclass(frozen=True)
class Pick:
    """A run at its best thresholds, and what the goal makes of it as expected."""

    cut: Cut
    score: float


def picks(judge: Judge, goal: Goal) -> list[Pick]:
    """One pick a run, the best first."""
    found = [_pick(judge, run, goal) for run in range(len(judge.pool.claims))]
    return sorted(found, key=lambda p: -p.score)


def _pick(judge: Judge, run: int, goal: Goal) -> Pick:
    """One threshold for all classes, then for each class the one that its own answers pull to, the more the more there are."""
    k = len(judge.pool.classes)
    steps = thresholds(judge.pool.claims[run].confidence) or [0.0]
    together = [goal.score(judge.expected(Cut(run, (t,) * k))) for t in steps]
    common = steps[_first_best(together)]
    if k == 1:
        return Pick(Cut(run, (common,)), max(together))
    own = tuple(_own_threshold(judge, run, c, goal, steps, together) for c in range(k))
    cut = Cut(run, own)
    return Pick(cut, goal.score(judge.expected(cut)))


def _own_threshold(
    judge: Judge, run: int, class_id: int, goal: Goal, steps: Sequence[float], together: Sequence[float]
) -> float:
    k, answers = len(judge.pool.classes), judge.known(class_id)
    alone = [goal.score(judge.expected(Cut(run, (t,) * k), (class_id,))) for t in steps]
    mixed = [(answers * a + _OWN * b) / (answers + _OWN) for a, b in zip(alone, together, strict=True)]
    return steps[_first_best(mixed)]


def _first_best(scores: Sequence[float]) -> int:
    """The middle one of the best, where several are equal: thresholds between two confidences say the same."""
    best = np.flatnonzero(np.asarray(scores) >= max(scores) - 1e-12)
    return int(best[len(best) // 2])


def is_settled(judge: Judge, goal: Goal) -> bool:
    """Whether more answers would hardly change the choice: the first is known well, and surely none is better by much."""
    ranked = picks(judge, goal)
    first = judge.f(ranked[0].cut, goal.beta)
    if first.high - first.low > 2 * _SURE:
        return False
    return all(judge.difference(ranked[0].cut, p.cut, goal.beta).low > -_ALIKE for p in ranked[1:])


def more_answers(difference: Interval, answers: int) -> int:
    """About how many more would take 0 out of the interval, which narrows with their root; 0 where it is out already or
    that is beyond reckoning.
    """
    half = (difference.high - difference.low) / 2
    if not answers or abs(difference.value) < 1e-9 or abs(difference.value) >= half:
        return 0
    more = answers * ((half / abs(difference.value)) ** 2 - 1)
    return 0 if more > _MOST_MORE else max(1, round(more))
