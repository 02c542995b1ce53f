"""Answers from labels, right and, on purpose, wrong."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from ocella.choosing.label_asker import LabelAsker
from ocella.choosing.question import Question, QuestionKind, Reply
from ocella.errors import InvalidValue
from ocella.types import Answer, Classification, Detections, Keypoints, Label, Masks, Skeleton

CLASSES = ("car", "dog", "tree")
Row = tuple[str, float, float, float, float]


def boxes(*rows: Row, crowd: Sequence[int] = (), classes: tuple[str, ...] = CLASSES) -> Detections:
    data = {"iscrowd": np.isin(np.arange(len(rows)), crowd)} if crowd else {}
    return Detections(
        np.array([r[1:] for r in rows], np.float32).reshape(-1, 4), np.ones(len(rows), np.float32),
        np.array([classes.index(r[0]) for r in rows], np.int64), classes, data=data,
    )  # fmt: skip


def shows(*scores: float) -> Classification:
    return Classification(np.array(scores, np.float32), CLASSES)


TRUTH = boxes(("car", 0, 0, 100, 100), ("car", 200, 0, 300, 100), ("dog", 0, 200, 50, 250), ("dog", 60, 60, 160, 160))


def asked(
    kind: QuestionKind, objects: Detections | None = None, choices: Sequence[str] = CLASSES, file: str = "a.jpg"
) -> Question:
    return Question(0, kind, file, Path("photos") / file, "", objects, tuple(choices))


OBJECTS = [
    ("as labelled", ("car", 0, 0, 100, 100), CLASSES, Reply("yes")),
    ("IoU 0.8", ("car", 0, 0, 100, 80), CLASSES, Reply("yes")),
    ("IoU 0.75", ("car", 0, 0, 100, 75), CLASSES, Reply("yes")),
    ("IoU 0.74", ("car", 0, 0, 100, 74), CLASSES, Reply("fix", xyxy=(0, 0, 100, 100))),
    ("IoU 0.7", ("car", 0, 0, 100, 70), CLASSES, Reply("fix", xyxy=(0, 0, 100, 100))),
    ("IoU 0.5", ("car", 0, 0, 100, 50), CLASSES, Reply("fix", xyxy=(0, 0, 100, 100))),
    ("IoU 0.4", ("car", 0, 0, 100, 40), CLASSES, Reply("no")),
    ("the nearer of two", ("car", 190, 0, 300, 100), CLASSES, Reply("yes")),
    ("another class", ("tree", 0, 200, 50, 250), CLASSES, Reply("class", "dog")),
    ("another class that nobody asked for", ("tree", 0, 200, 50, 250), ("car", "tree"), Reply("no")),
    ("one of a class without labels", ("tree", 0, 0, 20, 20), CLASSES, Reply("no")),
    ("nothing there", ("dog", 400, 400, 420, 420), CLASSES, Reply("no")),
    ("its own class before a closer other", ("dog", 40, 60, 160, 160), CLASSES, Reply("yes")),
]


@pytest.mark.parametrize(("box", "choices", "reply"), [pytest.param(*c[1:], id=c[0]) for c in OBJECTS])
def test_an_object_is_answered_from_the_closest_label(box: Row, choices: Sequence[str], reply: Reply) -> None:
    assert LabelAsker({"a.jpg": TRUTH}, "labels")(asked("object", boxes(box), choices)) == reply


MISSING = [
    ("nothing known", [], CLASSES, {"car": 2, "dog": 2}),
    ("one car known", [("car", 0, 0, 100, 90)], CLASSES, {"car": 1, "dog": 2}),
    ("a box of the wrong class is no gap", [("tree", 0, 0, 100, 90)], CLASSES, {"car": 1, "dog": 2}),
    ("a loose box leaves it missing", [("car", 0, 0, 100, 40)], CLASSES, {"car": 2, "dog": 2}),
    ("two boxes on one thing cover one", [("car", 0, 0, 100, 90), ("car", 0, 0, 90, 100)], CLASSES, {"car": 1, "dog": 2}),
    ("one class asked for", [], ["dog"], {"dog": 2}),
    ("all known", [("car", 0, 0, 100, 100), ("car", 200, 0, 300, 100)], ["car"], {}),
]  # fmt: skip


@pytest.mark.parametrize(("known", "choices", "counts"), [pytest.param(*c[1:], id=c[0]) for c in MISSING])
def test_missing_things_are_counted(known: list[Row], choices: Sequence[str], counts: dict[str, int]) -> None:
    reply = LabelAsker({"a.jpg": TRUTH}, "labels")(asked("missing", boxes(*known), choices))
    assert reply == Reply("missing", missing=counts)
    assert LabelAsker({"a.jpg": boxes()}, "labels")(asked("missing", None, choices)) == Reply("missing")


def test_one_known_thing_covers_one_label() -> None:
    near = boxes(("car", 0, 0, 100, 100), ("car", 0, 0, 100, 90), ("dog", 0, 0, 90, 100))
    asker = LabelAsker({"a.jpg": near}, "labels")
    assert asker(asked("missing", boxes(("car", 0, 0, 100, 92)))).missing == {"car": 1, "dog": 1}
    assert asker(asked("missing", near)).missing == {}


def test_crowds_are_neither_right_nor_missing_and_a_box_in_one_cannot_be_told() -> None:
    asker = LabelAsker({"a.jpg": boxes(("car", 0, 0, 200, 200), ("car", 10, 10, 60, 60), crowd=[0])}, "labels")
    assert asker(asked("missing")).missing == {"car": 1}
    assert asker(asked("object", boxes(("car", 100, 100, 150, 150)))).verdict == "skip"
    assert asker(asked("object", boxes(("car", 10, 10, 60, 60)))).verdict == "yes"
    assert asker(asked("object", boxes(("car", 190, 190, 300, 300)))).verdict == "no"


def test_an_image_without_labels_cannot_be_told() -> None:
    assert LabelAsker({}, "labels", error=1)(asked("object", TRUTH)).verdict == "skip"


def test_other_kinds() -> None:
    mask = np.zeros((2, 40, 40), bool)
    mask[0, 5:20, 5:20] = mask[1, 5:20, 5:15] = True
    far = np.zeros((1, 40, 40), bool)
    far[0, 25:, 25:] = True
    outlined = boxes(("car", 5, 5, 20, 20)).replace(masks=Masks.from_dense(mask[:1]))
    skeleton = Skeleton(("a", "b"))
    points = Keypoints(
        np.array([[[5, 5], [20, 20]]], np.float32), np.ones((1, 2), np.float32), np.ones((1, 2), bool), skeleton
    )
    pointed = boxes(("car", 5, 5, 20, 20)).replace(keypoints=points)
    away = pointed.replace(keypoints=Keypoints(points.xy + 30, points.confidence, points.visible, skeleton))
    said = Answer("Three  dogs")
    truths: dict[str, Label] = {
        "a.jpg": outlined,
        "p.jpg": pointed,
        "t.jpg": said,
        "c.jpg": shows(0, 1, 0),
        "sub/d.jpg": shows(0.2, 0.8, 0),
    }
    asker = LabelAsker(truths, "labels")
    assert asker(asked("outline", outlined.replace(masks=Masks.from_dense(mask[1:])))).verdict == "yes"
    assert asker(asked("outline", outlined.replace(masks=Masks.from_dense(far)))).verdict == "no"
    assert asker(asked("points", pointed, file="p.jpg")).verdict == "yes"
    assert asker(asked("points", away, file="p.jpg")).verdict == "no"
    assert asker(asked("text", None, ["two cats", "three dogs"], "t.jpg")) == Reply("class", "three dogs")
    assert asker(asked("text", None, ["two cats"], "t.jpg")).verdict == "no"
    assert asker(asked("text", None, ["three dogs"], "t.jpg")).verdict == "yes"
    assert asker(asked("class", None, CLASSES, "c.jpg")) == Reply("class", "dog")
    assert asker(asked("class", None, ["car"], "c.jpg")).verdict == "no"
    pair = Question(0, "pair", "sub/d.jpg", Path("photos/sub/d.jpg"), "", other=Path("photos/c.jpg"))
    assert asker(pair).verdict == "yes"


def test_labels_of_another_task_are_refused() -> None:
    with pytest.raises(InvalidValue, match="Classification, but its label is Detections"):
        LabelAsker({"a.jpg": TRUTH}, "labels")(asked("class"))


@pytest.mark.parametrize("error", [-0.1, 1.1])
def test_an_error_is_a_share(error: float) -> None:
    with pytest.raises(InvalidValue, match=r"0\.\.1"):
        LabelAsker({}, "labels", error=error)


def test_errors_have_their_share_and_their_seed() -> None:
    questions = [asked("object", boxes(("car", 0, 0, 100, 100 - i / 100))) for i in range(2000)]
    plain = LabelAsker({"a.jpg": TRUTH}, "labels in ./ds")
    first, again, other = (LabelAsker({"a.jpg": TRUTH}, "labels in ./ds", error=0.05, seed=s) for s in (1, 1, 2))
    wrong = [first(q).verdict != plain(q).verdict for q in questions]
    assert 70 <= sum(wrong) <= 130
    backwards = [again(q).verdict != plain(q).verdict for q in reversed(questions)]
    assert backwards[::-1] == wrong
    assert [other(q).verdict != plain(q).verdict for q in questions] != wrong
    assert plain.name == "labels in ./ds"
    assert first.name == "simulated: labels in ./ds, 5% of the answers made wrong"


def test_every_kind_of_error_differs_from_the_truth() -> None:
    truths: dict[str, Label] = {"a.jpg": TRUTH, "c.jpg": shows(0, 1, 0), "t.jpg": Answer("yes")}
    questions = [
        *(asked("object", boxes(box), choices) for _, box, choices, _ in OBJECTS),
        *(asked("missing", boxes(*known), choices) for _, known, choices, _ in MISSING),
        asked("class", None, CLASSES, "c.jpg"),
        asked("class", None, ["car", "tree"], "c.jpg"),
        asked("text", None, ["yes"], "t.jpg"),
    ]
    right = LabelAsker(truths, "labels")
    for seed in range(20):
        wrong = LabelAsker(truths, "labels", error=1, seed=seed)
        for question in questions:
            truth, said = right(question), wrong(question)
            assert said != truth
            changed = {c: abs(said.missing.get(c, 0) - truth.missing.get(c, 0)) for c in CLASSES}
            assert sum(changed.values()) == (1 if question.kind == "missing" else 0)
