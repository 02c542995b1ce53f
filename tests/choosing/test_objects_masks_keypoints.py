"""Objects that must overlap by their outlines or their points, not by their boxes."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.choosing.scenes import run_of

from ocella.choosing.asked import key_of
from ocella.choosing.estimate import Estimator
from ocella.choosing.label_asker import LabelAsker
from ocella.choosing.labelled import Labelled
from ocella.choosing.objects import Objects
from ocella.choosing.question import Reply
from ocella.choosing.run import Run
from ocella.choosing.session import ask
from ocella.choosing.subjects import exact_for, subject_for
from ocella.choosing.totals import Cut
from ocella.types import COCO_PERSON, Detections, Keypoints, Masks, Skeleton

CLASSES = ("cat", "dog")
HAND = Skeleton(("wrist", "thumb", "finger"))
Box = tuple[int, int, int, int]


def files_of(n: int) -> list[tuple[str, Path]]:
    return [(f"{i}.jpg", Path(f"{i}.jpg")) for i in range(n)]


def outlined(*rows: tuple[Sequence[Box], float, int]) -> Detections:
    """Each thing is the union of rectangles, with its confidence and class, in an image of 100 x 100."""
    dense = np.zeros((len(rows), 100, 100), bool)
    boxes = []
    for mask, (parts, _, _) in zip(dense, rows, strict=True):
        for x1, y1, x2, y2 in parts:
            mask[y1:y2, x1:x2] = True
        y, x = np.nonzero(mask)
        boxes.append((x.min(), y.min(), x.max() + 1, y.max() + 1))
    sure = np.array([r[1] for r in rows], np.float32)
    kinds = np.array([r[2] for r in rows], np.int64)
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4),
        sure,
        kinds,
        CLASSES,
        Masks.from_dense(dense) if rows else Masks.empty((100, 100)),
    )


SLASH = [(10 * i, 10 * i, 10 * i + 10, 10 * i + 10) for i in range(6)]
BACKSLASH = [(10 * i, 50 - 10 * i, 10 * i + 10, 60 - 10 * i) for i in range(6)]
"""Two bars in one box that share nothing."""
NEARLY = [(10 * i, 10 * i, 10 * i + 10, 10 * i + 9) for i in range(6)]


def posed(skeleton: Skeleton, *rows: tuple[float, float, float, float]) -> Detections:
    """Points in a row from x, y, each `step` apart, with a confidence; the box is 60 x 60 about the first."""
    k = len(skeleton.names)
    xy = np.array([[(x + step * i, y + 2 * i) for i in range(k)] for x, y, step, _ in rows], np.float32).reshape(
        -1, k, 2
    )
    boxes = np.array([(x - 5, y - 5, x + 55, y + 55) for x, y, _, _ in rows], np.float32).reshape(-1, 4)
    points = Keypoints(xy, np.ones((len(rows), k), np.float32), np.ones((len(rows), k), bool), skeleton)
    sure = np.array([r[3] for r in rows], np.float32)
    return Detections(boxes, sure, np.zeros(len(rows), np.int64), ("person",), keypoints=points)


def runs_of(*said: Sequence[Detections]) -> list[Run]:
    made = [run_of(list(of_run), tile=(1, n + 1)) for n, of_run in enumerate(said)]
    return [replace(run, card=replace(run.card, threshold=0.35)) for run in made]


def test_things_in_one_box_with_other_outlines_are_two_units() -> None:
    runs = runs_of([outlined((SLASH, 0.9, 0), (BACKSLASH, 0.6, 0))], [outlined((NEARLY, 0.8, 0))])
    masks, boxes = (Objects(runs, files_of(1), on=on) for on in ("masks", "boxes"))
    assert masks.pool.class_id.tolist() == [[0, 0, -1], [0, -1, -1]]
    assert len(boxes) == 2  # one object and the gap
    question = masks.question(0)
    assert question.kind == "outline"
    assert question.objects is not None
    assert question.objects.masks is not None
    assert boxes.question(0).kind == "object"


@pytest.mark.parametrize(
    ("reply", "class_id", "right"),
    [
        (Reply("yes"), 0, [True, False]),
        (Reply("class", "dog"), 1, [False, True]),
        (Reply("no"), -1, [False, False]),
    ],
)
def test_an_answer_about_an_outline_settles_all_runs(reply: Reply, class_id: int, right: list[bool]) -> None:
    objects = Objects(runs_of([outlined((SLASH, 0.9, 0))], [outlined((NEARLY, 0.8, 1))]), files_of(1), on="masks")
    found = objects.settle(0, reply)
    assert found is not None
    assert found.class_id == class_id
    assert (found.confidence > 0).tolist() == right


def test_an_outline_is_answered_from_the_labels() -> None:
    objects = Objects(runs_of([outlined((SLASH, 0.9, 0), (BACKSLASH, 0.6, 0))]), files_of(1), on="masks")
    questions = [objects.question(u) for u in range(2)]
    right = LabelAsker({"0.jpg": outlined((NEARLY, 1, 0))}, "truth")
    assert [right(q).verdict for q in questions] == ["yes", "no"]
    other = LabelAsker({"0.jpg": outlined((NEARLY, 1, 1))}, "truth")
    assert other(questions[0]) == Reply("class", "dog")
    assert len({key_of(q) for q in questions}) == 2


def blobs(seed: int) -> tuple[list[Run], list[Detections]]:
    """Things in a grid of 9, of two classes; runs that find some, cut some in half, and make some up."""
    random = np.random.default_rng(seed)
    truths, said = [], [[], []]  # type: tuple[list[Detections], list[list[Detections]]]
    for _ in range(10):
        cells = [(33 * (c % 3), 33 * (c // 3)) for c in random.permutation(9)]
        kinds = random.integers(0, 2, 9).tolist()
        count = int(random.integers(1, 5))
        whole = [[(x, y, x + 30, y + 30)] for x, y in cells]
        # the half has the same box: it lacks the middle
        half = [[(x, y, x + 30, y + 4), (x, y + 26, x + 30, y + 30)] for x, y in cells]
        truths.append(outlined(*((whole[i], 1.0, kinds[i]) for i in range(count))))
        for of_run, skill in zip(said, (0.9, 0.6), strict=True):
            rows = []
            for i in range(9):
                if random.random() < (skill if i < count else 0.1):
                    shape = whole if random.random() < 0.8 else half
                    rows.append((shape[i], float(random.uniform(0.4, 0.95)), kinds[i]))
            of_run.append(outlined(*rows))
    return runs_of(*said), truths


@pytest.mark.parametrize("seed", range(3))
def test_all_answers_about_outlines_give_the_exact_figures(seed: int) -> None:
    runs, truths = blobs(seed)
    subject, metric = subject_for("detect", runs, files_of(10))
    assert subject.question(0).kind == "outline"
    assert metric == "F1"
    asker = LabelAsker({str(n) + ".jpg": t for n, t in enumerate(truths)}, "truth")
    judge = Estimator(ask(subject, asker, most=len(subject.pool)).standing)
    exact, _ = exact_for("detect", runs, truths, CLASSES)
    on_boxes = Labelled(subject.pool, [list(r.said) for r in runs], truths)  # type: ignore[arg-type]  # detections
    for r in range(2):
        cut = Cut(r, (0.5, 0.4))
        got, wanted = judge.totals(cut), exact.totals(cut)
        assert (got.found, got.there, got.claimed) == pytest.approx((wanted.found, wanted.there, wanted.claimed))
        assert wanted.found < on_boxes.totals(cut).found  # halves are wrong only by their outlines


def test_boxes_decide_where_a_run_or_the_labels_have_no_outlines() -> None:
    runs, truths = blobs(0)
    bare = [d.replace(masks=None) for d in truths]
    mixed = [runs[0], replace(runs[1], said=tuple(d.replace(masks=None) for d in runs[1].said))]  # type: ignore[union-attr]  # detections
    assert subject_for("detect", mixed, files_of(10))[0].question(0).kind == "object"
    cut = Cut(0, (0.4, 0.4))
    by_boxes = exact_for("detect", mixed, truths, CLASSES)[0].totals(cut).found
    assert exact_for("detect", runs, bare, CLASSES)[0].totals(cut).found == by_boxes
    assert exact_for("detect", runs, truths, CLASSES)[0].totals(cut).found < by_boxes


@pytest.mark.parametrize("skeleton", [COCO_PERSON, HAND])
def test_things_in_one_box_with_other_points_are_two_units(skeleton: Skeleton) -> None:
    runs = runs_of([posed(skeleton, (10, 10, 3, 0.9), (10, 10, 25, 0.6))], [posed(skeleton, (10, 10, 3.1, 0.8))])
    objects = Objects(runs, files_of(1), on="keypoints")
    assert objects.pool.class_id.tolist() == [[0, 0, -1], [0, -1, -1]]
    assert len(Objects(runs, files_of(1))) == 2
    question = objects.question(0)
    assert question.kind == "points"
    asker = LabelAsker({"0.jpg": posed(skeleton, (10, 10, 3, 1))}, "truth")
    assert [asker(objects.question(u)).verdict for u in range(2)] == ["yes", "no"]
    found = objects.settle(0, asker(question))
    assert found is not None
    np.testing.assert_allclose(found.confidence, [0.9, 0.8], atol=1e-6)


def test_all_answers_about_points_give_the_exact_figures() -> None:
    random = np.random.default_rng(0)
    truths, said = [], [[], []]  # type: tuple[list[Detections], list[list[Detections]]]
    for _ in range(12):
        places = [(100.0 * i, float(random.integers(0, 50))) for i in range(4)]
        truths.append(posed(COCO_PERSON, *((x, y, 3, 1) for x, y in places[:3])))
        for of_run, skill in zip(said, (0.9, 0.5), strict=True):
            rows = [
                (x, y, 3 if random.random() < 0.8 else 9, float(random.uniform(0.4, 0.9)))
                for i, (x, y) in enumerate(places)
                if random.random() < (skill if i < 3 else 0.3)
            ]
            of_run.append(posed(COCO_PERSON, *rows))
    runs = runs_of(*said)
    subject, metric = subject_for("keypoints", runs, files_of(12))
    assert metric == "F1"
    asker = LabelAsker({str(n) + ".jpg": t for n, t in enumerate(truths)}, "truth")
    judge = Estimator(ask(subject, asker, most=len(subject.pool)).standing)
    exact, _ = exact_for("keypoints", runs, truths, ("person",))
    for r in range(2):
        for threshold in (0.4, 0.6):
            got, wanted = judge.totals(Cut(r, (threshold,))), exact.totals(Cut(r, (threshold,)))
            assert (got.found, got.there, got.claimed) == pytest.approx((wanted.found, wanted.there, wanted.claimed))
    assert exact.totals(Cut(0, (0.4,))).found < sum(len(d) for d in said[0])
