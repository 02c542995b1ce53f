"""Estimates from few answers: right on average, and with intervals that hold what they say."""

import numpy as np
import pytest
from tests.choosing.scenes import Scenes, scenes

from ocella.choosing.answers import Standing
from ocella.choosing.belief import Belief
from ocella.choosing.cuts import Cuts
from ocella.choosing.estimate import Estimator
from ocella.choosing.label_asker import LabelAsker
from ocella.choosing.labelled import Labelled
from ocella.choosing.objects import Objects
from ocella.choosing.session import Asked, ask
from ocella.choosing.totals import Cut
from ocella.types import Detections

SEEDS = 120


def labelled(world: Scenes, objects: Objects) -> Labelled:
    said = [[d for d in run.said if isinstance(d, Detections)] for run in world.runs]
    return Labelled(objects.pool, said, world.truth)


def asked(world: Scenes, objects: Objects, seed: int, most: int = 30, *, even: bool = False) -> Asked:
    return ask(objects, LabelAsker(world.truths, "truth"), most=most, seed=seed, even=even)


@pytest.mark.parametrize("even", [False, True])
def test_estimates_are_right_on_average_and_intervals_hold(*, even: bool) -> None:
    world = scenes(3, images=40)
    objects = Objects(world.runs, world.files)
    exact = labelled(world, objects)
    cuts = [Cut(r, (t,)) for r in range(3) for t in (0.35, 0.5)]
    true = [exact.totals(cut) for cut in cuts]
    found, there, held, widths = [], [], [], []
    for seed in range(SEEDS):
        judge = Estimator(asked(world, objects, seed, even=even).standing)
        totals = [judge.totals(cut) for cut in cuts]
        found.append([t.found for t in totals])
        there.append([t.there for t in totals])
        for cut, truth in zip(cuts, true, strict=True):
            p, r = judge.precision(cut), judge.recall(cut)
            held.append((p.low <= truth.precision <= p.high, r.low <= truth.recall <= r.high))
            widths.append(p.high - p.low)
    for got, attribute in ((found, "found"), (there, "there")):
        wanted = np.array([getattr(t, attribute) for t in true])
        bias = np.mean(got, axis=0) - wanted
        error = np.std(got, axis=0) / np.sqrt(SEEDS)
        assert (np.abs(bias) < 4 * error + 0.03 * wanted).all(), (attribute, bias, error, wanted)
    precision, recall = np.mean(held, axis=0)
    assert precision >= 0.9
    assert recall >= 0.9
    assert np.median(widths) < 0.75  # an interval that holds because it says nothing is no use


def test_choosing_what_to_ask_makes_intervals_narrower() -> None:
    world = scenes(5, images=60)
    objects = Objects(world.runs, world.files)
    cut = Cut(0, (0.5,))
    widths = []
    for even in (False, True):
        runs = [asked(world, objects, seed, even=even) for seed in range(20)]
        found = [Estimator(run.standing).precision(cut) for run in runs]
        widths.append(np.median([i.high - i.low for i in found]))
    assert widths[0] < 0.9 * widths[1]


def test_all_answers_leave_no_doubt() -> None:
    world = scenes(1, images=8)
    objects = Objects(world.runs, world.files)
    judge = Estimator(asked(world, objects, 0, most=len(objects)).standing)
    exact = labelled(world, objects)
    for cut in (Cut(0, (0.3,)), Cut(1, (0.5,)), Cut(2, (0.4,))):
        got, wanted = judge.totals(cut), exact.totals(cut)
        assert got.found == pytest.approx(wanted.found)
        assert got.there == pytest.approx(wanted.there)
        assert got.claimed == wanted.claimed
        interval = judge.precision(cut)
        assert interval.low == pytest.approx(interval.high)
        assert judge.difference(cut, Cut(0, (0.3,))).value == pytest.approx(
            wanted.f() - exact.totals(Cut(0, (0.3,))).f()
        )
    assert judge.ap(0).value == pytest.approx(
        exact.ap(0).value, abs=0.05
    )  # steps of thresholds against every confidence


def test_other_images_widen_the_interval() -> None:
    world = scenes(2)
    objects = Objects(world.runs, world.files)
    standing = asked(world, objects, 0).standing
    here, beyond = (Estimator(standing, whole=n).f(Cut(0, (0.4,))) for n in (24, 10_000))
    assert here.value == beyond.value
    assert beyond.high - beyond.low > here.high - here.low


def test_without_answers_nothing_is_known() -> None:
    world = scenes(2)
    objects = Objects(world.runs, world.files)
    pool = objects.pool
    judge = Estimator(Standing.of(pool, Belief.prior(pool), {}, np.zeros(len(pool))))
    interval = judge.precision(Cut(0, (0.4,)))
    assert interval.low < 0.01
    assert interval.high > 0.99
    assert 0 < judge.expected(Cut(0, (0.4,))).precision < 1


def test_by_class() -> None:
    world = scenes(4, classes=("cat", "dog"), images=12)
    objects = Objects(world.runs, world.files)
    judge = Estimator(asked(world, objects, 0, most=len(objects)).standing)
    exact = labelled(world, objects)
    cut = Cut(0, (0.3, 0.5))
    for classes in ((0,), (1,), (0, 1)):
        assert judge.totals(cut, classes).found == pytest.approx(exact.totals(cut, classes).found)
        assert judge.totals(cut, classes).there == pytest.approx(exact.totals(cut, classes).there)


def test_thresholds_are_steps_between_the_confidences() -> None:
    cuts = Cuts.of(Objects(scenes(1).runs, scenes(1).files).pool)
    for r in range(3):
        own = cuts.threshold[cuts.run == r]
        assert 8 <= len(own) <= 18
        assert (np.diff(own) > 0).all()
        assert (cuts.claimed[cuts.run == r].sum(axis=1) > 0).all()
