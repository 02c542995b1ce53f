"""Embedders by what they put beside an image."""

import numpy as np
import pytest
from tests.choosing.voters import CLASSES, files_of, run_of, shows

from ocella.choosing.asked import key_of
from ocella.choosing.choice import picks
from ocella.choosing.estimate import Estimator
from ocella.choosing.goal import Goal
from ocella.choosing.label_asker import LabelAsker
from ocella.choosing.neighbours import Neighbours, nearest
from ocella.choosing.question import Reply
from ocella.choosing.ranking import rank
from ocella.choosing.run import Run
from ocella.choosing.session import ask
from ocella.choosing.subjects import exact_for, subject_for
from ocella.choosing.totals import Cut
from ocella.errors import InvalidValue
from ocella.types import Classification, Embedding

SEEDS = 150


def vector(*numbers: float, model: str = "m") -> Embedding:
    v = np.array(numbers, np.float64)
    return Embedding((v / np.linalg.norm(v)).astype(np.float32), model)


def embedders(seed: int, images: int, noises: tuple[float, ...]) -> tuple[list[Run], dict[str, Classification]]:
    """Runs that put images of a kind near each other, with more or less noise."""
    random = np.random.default_rng(seed)
    kind = random.integers(0, len(CLASSES), images)
    runs = []
    for number, noise in enumerate(noises):
        centres = random.normal(size=(len(CLASSES), 8))
        said = [vector(*(centres[k] + noise * random.normal(size=8)), model=f"m{number}") for k in kind]
        runs.append(run_of(f"m{number}", said, None))
    return runs, {name: shows(CLASSES[k]) for (name, _), k in zip(files_of(images), kind, strict=True)}


def test_nearest_other_images() -> None:
    said = [vector(1, 0), vector(0.9, 0.1), vector(0, 1), vector(0.1, 0.9)]
    near, like = nearest(said, 1)
    assert near.tolist() == [1, 0, 3, 2]
    assert like == pytest.approx([0.99388] * 4, abs=1e-4)
    assert nearest(said, 3)[0].reshape(4, 3)[0].tolist() == [1, 3, 2]
    with pytest.raises(InvalidValue, match="one model"):
        nearest([vector(1, 0), vector(0, 1, model="n")], 1)


def test_units_are_pairs_and_every_run_claims_as_many() -> None:
    one = [vector(1, 0), vector(0.9, 0.1), vector(0, 1)]
    other = [vector(1, 0), vector(0, 1), vector(0.9, 0.2)]
    subject = Neighbours([run_of("a", one, None), run_of("b", other, None)], files_of(3))
    pairs = list(zip(*(p.tolist() for p in subject.pairs), strict=True))
    assert pairs == [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)]
    assert (subject.pool.class_id >= 0).sum(axis=1).tolist() == [3, 3]
    assert subject.pool.class_id[0].tolist() == [0, -1, 0, -1, -1, 0]
    assert [len(c.image) for c in subject.pool.claims] == [3, 3]
    with pytest.raises(InvalidValue, match=r"within 1\.\.2"):
        Neighbours([run_of("a", one, None)], files_of(3), count=3)


def test_a_pair_is_asked_in_the_same_words_both_ways_round() -> None:
    subject = Neighbours([run_of("a", [vector(1, 0), vector(0.9, 0.1), vector(0, 1)], None)], files_of(3))
    questions = [subject.question(u) for u in range(3)]
    assert questions[0].kind == "pair"
    assert key_of(questions[0]) == key_of(questions[1]) != key_of(questions[2])
    asker = LabelAsker({"000.jpg": shows("cat"), "001.jpg": shows("cat"), "002.jpg": shows("dog")}, "truth")
    assert [asker(q).verdict for q in questions] == ["yes", "yes", "no"]
    found = [subject.settle(u, asker(q)) for u, q in enumerate(questions)]
    assert [f.class_id for f in found if f is not None] == [0, 0, -1]
    assert subject.settle(0, Reply("skip")) is None


def test_precision_is_right_on_average_and_intervals_hold() -> None:
    runs, truths = embedders(0, 60, (0.6, 1.0, 1.6))
    subject, metric = subject_for("embed", runs, files_of(60))
    exact, _ = exact_for("embed", runs, list(truths.values()), ())
    assert metric == "same-kind at 1"
    cuts = [Cut(r, (0.0,)) for r in range(3)]
    true = np.array([exact.precision(c).value for c in cuts])
    kinds = np.array([t.top()[0][0] for t in truths.values()])
    by_hand = [np.mean(kinds[nearest([e for e in r.said if isinstance(e, Embedding)], 1)[0]] == kinds) for r in runs]
    assert true == pytest.approx(by_hand)
    assert true == pytest.approx([exact.f(c).value for c in cuts])
    found, held, apart, first = [], [], [], []
    for seed in range(SEEDS):
        judge = Estimator(ask(subject, LabelAsker(truths, "truth"), most=40, seed=seed).standing)
        figures = [judge.f(c) for c in cuts]
        assert [f.value for f in figures] == pytest.approx([judge.precision(c).value for c in cuts])
        found.append([f.value for f in figures])
        held.append([f.low <= t <= f.high for f, t in zip(figures, true, strict=True)])
        difference = judge.difference(cuts[0], cuts[2])
        apart.append(difference.low <= true[0] - true[2] <= difference.high)
        first.append(picks(judge, Goal())[0].cut.run)
    error = np.std(found, axis=0) / np.sqrt(SEEDS)
    assert (np.abs(np.mean(found, axis=0) - true) < 4 * error + 0.02).all(), (np.mean(found, axis=0), true)
    assert np.mean(held) >= 0.9, np.mean(held, axis=0)
    assert np.mean(apart) >= 0.86
    assert first.count(2) <= 0.05 * SEEDS
    best = rank(judge, picks(judge, Goal()), runs, Goal(), metric=metric).scored[0]
    assert best.per_class == ()


def test_all_answers_leave_no_doubt_at_more_neighbours_too() -> None:
    runs, truths = embedders(1, 12, (0.6, 1.6))
    kinds = np.array([t.top()[0][0] for t in truths.values()])
    for count in (1, 3):
        subject = Neighbours(runs, files_of(12), count=count)
        judge = Estimator(ask(subject, LabelAsker(truths, "truth"), most=len(subject)).standing)
        for r, run in enumerate(runs):
            near = nearest([e for e in run.said if isinstance(e, Embedding)], count)[0]
            interval = judge.f(Cut(r, (0.0,)))
            assert interval.value == pytest.approx(np.mean(kinds[near] == np.repeat(kinds, count)))
            assert interval.low == pytest.approx(interval.high)
