"""Classifiers and language models: one answer about an image settles all runs, and accuracies come out right."""

import numpy as np
import pytest
from tests.choosing.voters import CLASSES, classifiers, files_of, run_of, shows

from ocella.choosing.asked import key_of
from ocella.choosing.ballots import NONE
from ocella.choosing.choice import picks
from ocella.choosing.estimate import Estimator
from ocella.choosing.goal import Goal
from ocella.choosing.label_asker import LabelAsker
from ocella.choosing.question import Reply
from ocella.choosing.ranking import rank
from ocella.choosing.run import Run
from ocella.choosing.session import ask
from ocella.choosing.subjects import exact_for, subject_for
from ocella.choosing.texts import plain
from ocella.choosing.totals import Cut
from ocella.choosing.votes import Texts, Votes
from ocella.errors import InvalidValue
from ocella.types import Answer, ClassDef, Label, Ontology

SEEDS = 200


def cut(run: int, classes: int = len(CLASSES) + 1) -> Cut:
    return Cut(run, (0.0,) * classes)


def test_a_unit_is_an_image_and_the_lead_is_what_most_runs_name() -> None:
    said = [["cat", "dog"], ["cat", "hen"], ["dog", "hen"]]
    votes = Votes(
        [run_of(str(i), [shows(n, 0.6 + 0.1 * i) for n in of_run]) for i, of_run in enumerate(said)],
        files_of(2),
        CLASSES,
    )
    assert votes.pool.classes == (*CLASSES, NONE)
    assert votes.pool.class_id.tolist() == [[0, 2], [0, 3], [2, 3]]
    assert votes.pool.lead.tolist() == [0, 3]
    question = votes.question(1)
    assert (question.kind, question.file, question.choices[:2]) == ("class", "001.jpg", ("hen", "dog"))
    assert set(question.choices) == set(CLASSES)


def test_between_as_many_votes_the_surer_one_leads() -> None:
    runs = [run_of("a", [shows("cat", 0.6)]), run_of("b", [shows("dog", 0.9)])]
    assert Votes(runs, files_of(1), CLASSES).pool.lead.tolist() == [2]


@pytest.mark.parametrize(
    ("reply", "name", "right"),
    [
        (Reply("class", "cat"), "cat", [True, False]),
        (Reply("class", "dog"), "dog", [False, True]),
        (Reply("class", "hen"), "hen", [False, False]),
        (Reply("class", "horse"), NONE, [False, False]),
        (Reply("no"), NONE, [False, False]),
        (Reply("yes"), "cat", [True, False]),
    ],
)
def test_an_answer_settles_all_runs(reply: Reply, name: str, right: list[bool]) -> None:
    votes = Votes([run_of("a", [shows("cat", 0.9)]), run_of("b", [shows("dog", 0.8)])], files_of(1), CLASSES)
    found = votes.settle(0, reply)
    assert found is not None
    assert votes.pool.classes[found.class_id] == name
    assert (found.confidence > 0).tolist() == right
    assert votes.settle(0, Reply("skip")) is None


@pytest.mark.parametrize("even", [False, True])
def test_accuracies_are_right_on_average_and_intervals_hold(*, even: bool) -> None:
    right = (0.85, 0.7, 0.55)
    runs, truths = classifiers(1, 80, right)
    subject, metric = subject_for("classify", runs, files_of(80))
    exact, _ = exact_for("classify", runs, list(truths.values()), CLASSES)
    cuts = [cut(r) for r in range(len(right))]
    true = np.array([exact.totals(c).f() for c in cuts])
    assert metric == "accuracy"
    assert true == pytest.approx([exact.precision(c).value for c in cuts])
    assert true == pytest.approx([exact.recall(c).value for c in cuts])
    found, held, widths, apart = [], [], [], []
    for seed in range(SEEDS):
        judge = Estimator(ask(subject, LabelAsker(truths, "truth"), most=30, seed=seed, even=even).standing)
        figures = [judge.f(c) for c in cuts]
        assert [judge.totals(c).there for c in cuts] == pytest.approx([80] * 3)
        assert judge.precision(cuts[0]).value == pytest.approx(judge.recall(cuts[0]).value)
        found.append([f.value for f in figures])
        held.append([f.low <= t <= f.high for f, t in zip(figures, true, strict=True)])
        widths.append([f.high - f.low for f in figures])
        difference = judge.difference(cuts[0], cuts[1])
        apart.append(difference.low <= true[0] - true[1] <= difference.high)
    error = np.std(found, axis=0) / np.sqrt(SEEDS)
    assert (np.abs(np.mean(found, axis=0) - true) < 4 * error + 0.005).all()
    assert 0.9 <= np.mean(held) <= 0.995
    assert np.mean(apart) >= 0.9
    assert np.median(widths) < 0.25


def test_all_answers_leave_no_doubt() -> None:
    runs, truths = classifiers(2, 12, (0.8, 0.5))
    subject, _ = subject_for("classify", runs, files_of(12))
    judge = Estimator(ask(subject, LabelAsker(truths, "truth"), most=12).standing)
    exact, _ = exact_for("classify", runs, list(truths.values()), CLASSES)
    for r in range(2):
        for classes in (None, (0,), (2, 3)):
            got, wanted = judge.totals(cut(r), classes), exact.totals(cut(r), classes)
            assert (got.found, got.claimed) == pytest.approx((wanted.found, wanted.claimed))
            assert got.there == pytest.approx(wanted.there, abs=1e-6)
    accuracy = np.mean([a.top()[0][0] == b.top()[0][0] for a, b in zip(runs[0].said, truths.values(), strict=True)])  # type: ignore[union-attr]  # classifications
    interval = judge.f(cut(0))
    assert (interval.low, interval.value, interval.high) == pytest.approx((accuracy,) * 3)


def test_a_few_answers_find_the_best_of_many_and_the_ranking_has_no_thresholds() -> None:
    runs, truths = classifiers(3, 100, (0.5, 0.55, 0.9, 0.6, 0.5, 0.45))
    subject, metric = subject_for("classify", runs, files_of(100))
    first = []
    for seed in range(10):
        judge = Estimator(ask(subject, LabelAsker(truths, "truth"), most=30, seed=seed).standing)
        first.append(picks(judge, Goal())[0].cut.run)
    assert first.count(2) >= 9
    ranking = rank(judge, picks(judge, Goal()), runs, Goal(), metric=metric)
    best = ranking.scored[0]
    assert best.setting == runs[2].setting
    assert [c.name for c in best.per_class] == list(CLASSES)
    assert {c.threshold for c in best.per_class} == {None}


def test_images_on_which_runs_differ_are_asked_more() -> None:
    runs, truths = classifiers(4, 100, (0.95, 0.95, 0.9, 0.9), alike=0.2)
    votes = Votes(runs, files_of(100), CLASSES)
    asker = LabelAsker(truths, "truth")
    asked = [q.unit for seed in range(20) for q, _ in ask(votes, asker, most=30, seed=seed).replies]
    unanimous = (votes.pool.class_id == votes.pool.class_id[0]).all(axis=0)
    times = np.bincount(asked, minlength=100)
    assert times[~unanimous].mean() > 1.3 * times[unanimous].mean()


def test_other_runs_than_over_the_classes() -> None:
    with pytest.raises(InvalidValue, match="one of horse"):
        Votes([run_of("a", [shows("cat")])], files_of(1), ("horse",))
    with pytest.raises(InvalidValue, match="2 images"):
        Votes([run_of("a", [shows("cat")])], files_of(2), CLASSES)


@pytest.mark.parametrize(
    ("text", "is_plain"),
    [
        ("A cat.", "cat"),
        ("The Cat", "cat"),
        (" two  dogs! ", "two dogs"),
        ("Yes, there is one.", "yes"),
        ("No.", "no"),
        ("No parking", "no parking"),
        ("nothing", "nothing"),
        ("a", "a"),
        ("-3.5 m", "-3.5 m"),
        ("3-5", "3 5"),
        ("Straße", "strasse"),
        ("", ""),
    ],
)
def test_texts_that_say_the_same(text: str, is_plain: str) -> None:
    assert plain(text) == is_plain


def test_answers_of_a_language_model_that_was_told_classes_are_votes() -> None:
    ontology = Ontology((ClassDef("cat", ("cat", "kitten")), ClassDef("dog", ("dog",))))
    runs = [
        run_of("a", [Answer("A kitten."), Answer("dog"), Answer("It might be anything")], ontology, "What is this?"),
        run_of("a", [Answer("Cat"), Answer("the dog."), Answer("dog", confidence=0.9)], ontology, "Name it."),
    ]
    subject, metric = subject_for("vlm", runs, files_of(3))
    assert isinstance(subject, Votes)
    assert metric == "accuracy"
    assert subject.pool.class_id.tolist() == [[0, 1, 2], [0, 1, 1]]
    assert subject.question(0).kind == "class"


def told() -> list[Run]:
    said = [["A red car", "yes", "stop"], ["red car.", "No, not one", "STOP!"], ["blue car", "yes.", ""]]
    prompts = ("What is it?", "Say what it is.", "What?")
    return [run_of("a", [Answer(t) for t in s], None, prompt) for s, prompt in zip(said, prompts, strict=True)]


def test_answers_in_their_own_words_are_pooled_by_what_they_say() -> None:
    subject, _ = subject_for("vlm", told(), files_of(3))
    assert isinstance(subject, Texts)
    assert subject.pool.classes == ("answer 1", "answer 2", NONE)
    assert subject.pool.class_id.tolist() == [[0, 0, 0], [0, 1, 0], [1, 0, 1]]
    assert [subject.question(u).choices for u in range(3)] == [
        ("A red car", "blue car"),
        ("yes", "No, not one"),
        ("stop", "(nothing)"),
    ]
    assert subject.question(0).text.startswith("What is it?")


def test_the_right_one_of_several_answers_or_none() -> None:
    truths = [Answer("blue car"), Answer("Yes"), Answer("a stop sign")]
    named: dict[str, Label] = {f"{i:03d}.jpg": t for i, t in enumerate(truths)}
    subject, _ = subject_for("vlm", told(), files_of(3))
    judge = Estimator(ask(subject, LabelAsker(named, "truth"), most=3).standing)
    exact, _ = exact_for("vlm", told(), truths, ())
    for r, accuracy in enumerate((1 / 3, 0, 2 / 3)):
        assert exact.f(cut(r, 3)).value == pytest.approx(accuracy)
        assert judge.f(cut(r, 3)).value == pytest.approx(accuracy)


def test_one_answer_alone_is_a_matter_of_yes_and_no() -> None:
    subject = Texts([run_of("a", [Answer("A cat.")], None)], files_of(1))
    question = subject.question(0)
    assert (question.kind, question.choices) == ("text", ("A cat.",))
    assert "A cat." in question.text
    asker = LabelAsker({"000.jpg": Answer("cat")}, "truth")
    assert asker(question) == Reply("yes")
    assert [f.class_id for r in (Reply("yes"), Reply("no")) if (f := subject.settle(0, r)) is not None] == [0, 1]


def test_questions_are_told_apart_when_they_are_remembered() -> None:
    runs, _ = classifiers(2, 12, (0.8, 0.5))
    votes = Votes(runs, files_of(12), CLASSES)
    assert len({key_of(votes.question(u)) for u in range(12)}) == 12
