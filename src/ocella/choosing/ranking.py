"""From figures to a ranking: every run at its best thresholds, with what a person wants to know of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ocella.choosing.choice import Judge, Pick, more_answers
from ocella.choosing.chosen import ClassScore, Comparison, Scored
from ocella.choosing.fit import memory_of
from ocella.choosing.goal import Goal
from ocella.choosing.run import Run
from ocella.metrics.intervals import Interval

__all__ = ["Ranking", "rank"]

_DETAILED = 3
"""So many of the first get a figure for each class and an average precision."""


@dataclass(frozen=True)
class Ranking:
    """Settings in order, and the first compared with the others."""

    scored: tuple[Scored, ...]
    comparisons: tuple[Comparison, ...]


def rank(
    judge: Judge,
    picks: Sequence[Pick],
    runs: Sequence[Run],
    goal: Goal,
    *,
    metric: str = "F1",
    whole: int = 0,
    answers: int = 0,
    price: float = 0.0,
) -> Ranking:
    """`picks` in order, of `runs` by number. `whole` images are to be labelled, `answers` were given, `price` is what one
    image costs on a server. Where no thresholds are chosen a setting keeps its model's own.
    """
    scored = tuple(
        _scored(judge, pick, runs[pick.cut.run], goal, metric, whole, price, place < _DETAILED)
        for place, pick in enumerate(picks)
    )
    comparisons = []
    for pick, other in zip(picks[1:], scored[1:], strict=True):
        difference = judge.difference(picks[0].cut, pick.cut, goal.beta)
        comparisons.append(Comparison(other.name, difference, more_answers(difference, answers)))
    return Ranking(scored, tuple(comparisons))


def _scored(
    judge: Judge,
    pick: Pick,
    run: Run,
    goal: Goal,
    metric: str,
    whole: int,
    price: float,
    detailed: bool,  # noqa: FBT001  # one of a row's facts
) -> Scored:
    names, cut, card = judge.pool.classes, pick.cut, run.card
    setting, asked = run.setting, names
    if judge.pool.has_thresholds:
        setting = setting.at(dict(zip(names, cut.thresholds, strict=True)))
    else:  # the pool has classes that nobody asked for
        asked = () if setting.ontology is None else setting.ontology.names
    server = card.library == "server"
    classes = tuple(_class(judge, pick, k, name) for k, name in enumerate(names) if name in asked) if detailed else ()
    return Scored(
        setting,
        metric,
        judge.f(cut, goal.beta),
        judge.precision(cut),
        judge.recall(cut),
        classes,
        run.seconds,
        run.seconds * whole if whole else math.nan,
        price * whole if server else 0.0,
        0.0 if server else memory_of(card),
        card.weights_license or card.code_license,
        card.commercial_use,
        run.why,
    )


def _class(judge: Judge, pick: Pick, k: int, name: str) -> ClassScore:
    cut, only = pick.cut, (k,)
    totals = judge.totals(cut, only)
    return ClassScore(
        name,
        cut.thresholds[k] if judge.pool.has_thresholds else None,
        judge.precision(cut, only),
        judge.recall(cut, only),
        judge.f(cut, 1.0, only),
        _ap(judge, cut.run, k) if judge.pool.has_thresholds else None,
        round(totals.claimed),
    )


def _ap(judge: Judge, run: int, k: int) -> Interval | None:
    found = judge.ap(run, (k,))
    return None if math.isnan(found.value) else found
