"""The decision: thresholds by goal, order of settings, when it is settled, how many more answers."""

import math

import numpy as np
import pytest
from tests.choosing.scenes import Scenes, scenes

from ocella.choosing.choice import is_settled, more_answers, picks
from ocella.choosing.estimate import Estimator
from ocella.choosing.goal import GOALS, Goal
from ocella.choosing.label_asker import LabelAsker
from ocella.choosing.labelled import Labelled
from ocella.choosing.objects import Objects
from ocella.choosing.ranking import rank
from ocella.choosing.session import ask
from ocella.choosing.totals import Cut, Totals
from ocella.errors import InvalidValue
from ocella.metrics.intervals import Interval
from ocella.types import Detections


def exact(world: Scenes) -> Labelled:
    objects = Objects(world.runs, world.files)
    said = [[d for d in run.said if isinstance(d, Detections)] for run in world.runs]
    return Labelled(objects.pool, said, world.truth)


@pytest.mark.parametrize(
    ("totals", "precision", "recall", "f1", "f2"),
    [
        (Totals(8, 10, 16), 0.5, 0.8, 16 / 26, 40 / 56),
        (Totals(0, 10, 0), math.nan, 0.0, 0.0, 0.0),
        (Totals(0, 0, 4), 0.0, math.nan, 0.0, 0.0),
        (Totals(0, 0, 0), math.nan, math.nan, math.nan, math.nan),
        (Totals(-1, 10, 5), 0.0, 0.0, 0.0, 0.0),
        (Totals(12, 10, 10), 1.0, 1.0, 1.0, 1.0),
    ],
)
def test_figures_of_counts(totals: Totals, precision: float, recall: float, f1: float, f2: float) -> None:
    found = (totals.precision, totals.recall, totals.f(), totals.f(2))
    assert found == pytest.approx((precision, recall, f1, f2), nan_ok=True)


def test_goals_move_the_threshold() -> None:
    judge = exact(scenes(1, images=60))
    least = {name: picks(judge, Goal(name))[0].cut.thresholds[0] for name in GOALS}
    assert least["training"] <= least["review"] <= least["balance"]
    strict = picks(judge, Goal.of(precision=0.9))[0]
    assert judge.totals(strict.cut).precision >= 0.9
    assert strict.cut.thresholds[0] >= least["balance"]


def test_a_precision_out_of_reach_takes_the_nearest() -> None:
    judge = exact(scenes(1))
    best = picks(judge, Goal.of(precision=1.0))[0]
    every = [judge.totals(Cut(p.cut.run, p.cut.thresholds)).precision for p in picks(judge, Goal.of(precision=1.0))]
    assert judge.totals(best.cut).precision == pytest.approx(max(every))


@pytest.mark.parametrize(
    ("name", "precision", "match"),
    [
        ("speed", None, "one of balance"),
        ("training", 0.9, "not both"),
        ("", 1.5, "within 0..1"),
        ("", 0.0, "within 0..1"),
    ],
)
def test_wrong_goals(name: str, precision: float | None, match: str) -> None:
    with pytest.raises(InvalidValue, match=match):
        Goal.of(name, precision)


def test_with_all_labels_the_pick_is_the_best_there_is() -> None:
    world = scenes(2, images=40)
    judge = exact(world)
    found = picks(judge, Goal())
    every = [judge.totals(Cut(r, (t,))).f() for r in range(3) for t in np.arange(0.2, 0.95, 0.01)]
    assert found[0].score >= max(every) - 0.02
    assert [p.score for p in found] == sorted((p.score for p in found), reverse=True)


def test_each_class_gets_its_own_threshold_where_it_was_asked_about() -> None:
    world = scenes(3, images=60, classes=("cat", "dog"))
    said = []
    for of_image in world.runs[0].said:
        assert isinstance(of_image, Detections)
        # what is called dog is half as sure as it should be
        lower = np.where(of_image.class_id == 1, of_image.confidence * 0.55, of_image.confidence)
        said.append(of_image.replace(confidence=lower.astype(np.float32)))
    pool = Objects(world.runs[:1], world.files).pool
    judge = Labelled(pool, [said], world.truth)
    cut = picks(judge, Goal())[0].cut
    assert cut.thresholds[1] < cut.thresholds[0]


def test_forty_answers_choose_almost_as_well_as_all_labels() -> None:
    world = scenes(4, images=80)
    objects, judge = Objects(world.runs, world.files), exact(world)
    best = max(judge.totals(p.cut).f() for p in picks(judge, Goal()))
    lost = []
    for seed in range(20):
        standing = ask(objects, LabelAsker(world.truths, "truth"), most=40, seed=seed).standing
        lost.append(best - judge.totals(picks(Estimator(standing), Goal())[0].cut).f())
    assert np.mean(np.array(lost) <= 0.05) >= 0.9


@pytest.mark.parametrize(
    ("low", "high", "answers", "more"),
    [(-0.1, 0.3, 40, 120), (0.1, 0.3, 40, 0), (-0.2, 0.2, 40, 0), (-0.1, 0.3, 0, 0), (-0.5, 0.5002, 40, 0)],
)
def test_more_answers(low: float, high: float, answers: int, more: int) -> None:
    assert more_answers(Interval((low + high) / 2, low, high), answers) == more


def test_settled_only_when_nothing_else_can_be_much_better() -> None:
    world = scenes(5, images=30)
    objects = Objects(world.runs, world.files)
    asker = LabelAsker(world.truths, "truth")
    few = Estimator(ask(objects, asker, most=16, seed=0).standing)
    every = Estimator(ask(objects, asker, most=len(objects), seed=0).standing)
    assert not is_settled(few, Goal())
    assert is_settled(every, Goal())


def test_the_ranking_tells_what_a_person_wants_to_know() -> None:
    world = scenes(6, images=30, classes=("cat", "dog"))
    judge = exact(world)
    found = picks(judge, Goal())
    ranking = rank(judge, found, world.runs, Goal(), whole=1000)
    first = ranking.scored[0]
    assert first.metric == "F1"
    assert first.main.low <= first.main.value <= first.main.high
    assert first.total_seconds == pytest.approx(100)
    assert (first.commercial_use, first.license, first.memory_gb) == (True, "Apache-2.0", 0.5)
    assert [c.name for c in first.per_class] == ["cat", "dog"]
    assert first.setting.ontology is not None
    assert [c.threshold for c in first.setting.ontology.classes] == list(found[0].cut.thresholds)
    assert len(ranking.comparisons) == 2
    worst = ranking.comparisons[-1].difference
    assert worst.value == pytest.approx(first.main.value - ranking.scored[-1].main.value)
