"""Points of maps: shares of points are shares of pixels, and a few answers tell pixel accuracy and mean IoU."""

import numpy as np
import pytest
from tests.choosing.voters import files_of, run_of

from ocella.choosing.asked import key_of
from ocella.choosing.ballots import NONE
from ocella.choosing.choice import picks
from ocella.choosing.estimate import Estimator
from ocella.choosing.goal import Goal
from ocella.choosing.label_asker import LabelAsker
from ocella.choosing.question import Reply
from ocella.choosing.session import ask
from ocella.choosing.spots import Spots
from ocella.choosing.subjects import exact_for, subject_for
from ocella.choosing.totals import Cut
from ocella.errors import InvalidValue, Mismatch
from ocella.metrics.mask_iou import mask_iou
from ocella.types import ClassDef, Ontology, SegmentationMap

CLASSES = ("road", "car")
ONTOLOGY = Ontology(tuple(ClassDef(c, (c,)) for c in CLASSES))
SEEDS = 100


def cut(run: int) -> Cut:
    return Cut(run, (0.0,) * 3)


def streets(seed: int, images: int = 20) -> tuple[list[SegmentationMap], list[list[SegmentationMap]]]:
    """Road below, sky above, a car on the road; runs that see the edges elsewhere, and one that sees no car."""
    random = np.random.default_rng(seed)
    truths, said = [], [[] for _ in range(3)]  # type: tuple[list[SegmentationMap], list[list[SegmentationMap]]]
    for _ in range(images):
        height, width, x = 40, int(random.choice([40, 60])), int(random.integers(0, 25))
        for place, (edge, shift, car) in enumerate([(20, 0, 1), (22, 2, 1), (26, 6, 1), (20, 0, 0)]):
            found = np.full((height, width), -1)
            found[edge + int(random.integers(-2, 3)) * (place > 0) :] = 0
            found[25:37, x + shift : x + shift + 14] = car
            one = SegmentationMap(found.astype(np.int32), CLASSES)
            truths.append(one) if place == 0 else said[place - 1].append(one)
    return truths, said


def known(truth: SegmentationMap) -> SegmentationMap:
    """The truth with a name for its unlabelled pixels, as somebody says who looks at one."""
    return SegmentationMap(np.where(truth.class_id < 0, 2, truth.class_id).astype(np.int32), (*CLASSES, "sky"))


TRUTHS, SAID = streets(0)
RUNS = [run_of(f"model-{i}", of_run, ONTOLOGY) for i, of_run in enumerate(SAID)]
FILES = files_of(len(TRUTHS))


def test_points_are_drawn_by_area_and_none_twice() -> None:
    spots = Spots(RUNS, FILES, CLASSES, per_image=100)
    area = np.array([t.class_id.size for t in TRUTHS])
    count = np.bincount(spots.pool.image, minlength=len(TRUTHS))
    np.testing.assert_allclose(count, 100 * area / area.mean(), atol=1)
    assert len({spots.name(u) for u in range(len(spots))}) == len(spots)
    assert len(Spots(RUNS[:1], FILES, CLASSES, per_image=10**6)) == area.sum()


def test_runs_claim_the_class_of_their_pixel() -> None:
    said = SegmentationMap(np.array([[-1, 0], [1, 2]], np.int32), ("car", "sky", "road"))
    spots = Spots([run_of("a", [said], None)], files_of(1), CLASSES, per_image=4)
    claimed = {spots.name(u): spots.pool.classes[spots.pool.class_id[0, u]] for u in range(4)}
    assert claimed == {"000.jpg 0 0": NONE, "000.jpg 1 0": "car", "000.jpg 0 1": NONE, "000.jpg 1 1": "road"}


def test_a_question_marks_its_pixel_and_an_answer_settles_all_runs() -> None:
    spots = Spots(RUNS, FILES, CLASSES)
    asker = LabelAsker({name: known(t) for (name, _), t in zip(FILES, TRUTHS, strict=True)}, "truth")
    for unit in range(0, len(spots), 37):
        question = spots.question(unit)
        assert question.kind == "class"
        assert question.objects is not None
        x, y = question.objects.xyxy[0, :2].astype(int).tolist()
        true = int(TRUTHS[spots.pool.image[unit]].class_id[y, x])
        found = spots.settle(unit, asker(question))
        assert found is not None
        assert found.class_id == (true if true >= 0 else 2)
        right = [m[spots.pool.image[unit]].class_id[y, x] == true for m in SAID]
        assert (found.confidence > 0).tolist() == right
    assert spots.settle(0, Reply("skip")) is None


def test_unlabelled_pixels_of_the_truth_cannot_be_told() -> None:
    spots = Spots(RUNS, FILES, CLASSES)
    asker = LabelAsker({name: t for (name, _), t in zip(FILES, TRUTHS, strict=True)}, "truth")
    verdicts = {asker(spots.question(u)).verdict for u in range(len(spots))}
    assert verdicts == {"class", "skip"}


def test_points_of_one_image_are_told_apart_when_they_are_remembered() -> None:
    spots = Spots(RUNS, FILES, CLASSES)
    assert len({key_of(spots.question(u)) for u in range(len(spots))}) == len(spots)


def test_exact_figures_are_those_of_the_metric() -> None:
    named = [known(t) for t in TRUTHS]
    exact, metric = exact_for("semantic-segment", RUNS, named, CLASSES)
    assert metric == "pixel accuracy"
    for r, of_run in enumerate(SAID):
        wanted = mask_iou([known(m) for m in of_run], named)
        assert exact.f(cut(r)).value == pytest.approx(wanted.correct)
        iou = exact.mean_iou(cut(r), (0, 1))  # type: ignore[attr-defined]  # of maps
        assert iou.value == pytest.approx(np.mean([wanted.per_class[c] for c in CLASSES]))
        assert iou.low < iou.value < iou.high
        assert exact.known(1) == sum((t.class_id == 1).sum() for t in TRUTHS)
    with pytest.raises(Mismatch, match="one size"):
        exact_for(
            "semantic-segment", RUNS, [SegmentationMap(np.zeros((2, 2), np.int32), CLASSES)] * len(TRUTHS), CLASSES
        )


def test_unlabelled_pixels_do_not_count() -> None:
    exact, _ = exact_for("semantic-segment", RUNS, TRUTHS, CLASSES)
    for r, of_run in enumerate(SAID):
        assert exact.f(cut(r)).value == pytest.approx(mask_iou(of_run, TRUTHS).correct)


def test_figures_are_right_on_average_and_intervals_hold() -> None:
    named = [known(t) for t in TRUTHS]
    truths = {name: t for (name, _), t in zip(FILES, named, strict=True)}
    exact, _ = exact_for("semantic-segment", RUNS, named, CLASSES)
    subject, _ = subject_for("semantic-segment", RUNS, FILES)
    true = np.array([exact.totals(cut(r)).f() for r in range(3)])
    iou = np.array([exact.mean_iou(cut(r), (0, 1)).value for r in range(3)])  # type: ignore[attr-defined]  # of maps
    found, held, overlap, iou_held, first = [], [], [], [], []
    for seed in range(SEEDS):
        judge = Estimator(ask(subject, LabelAsker(truths, "truth"), most=40, seed=seed).standing)
        figures = [judge.f(cut(r)) for r in range(3)]
        ious = [judge.mean_iou(cut(r), (0, 1)) for r in range(3)]
        found.append([f.value for f in figures])
        held.append([f.low <= t <= f.high for f, t in zip(figures, true, strict=True)])
        overlap.append([f.value for f in ious])
        iou_held.append([f.low <= t <= f.high for f, t in zip(ious, iou, strict=True)])
        first.append(picks(judge, Goal())[0].cut.run)
    error = np.std(found, axis=0) / np.sqrt(SEEDS)
    assert (np.abs(np.mean(found, axis=0) - true) < 4 * error + 0.02).all(), (np.mean(found, axis=0), true)
    assert np.mean(held) >= 0.9
    assert np.mean(iou_held) >= 0.88, (np.mean(iou_held), np.mean(overlap, axis=0), iou)
    assert np.mean(np.array(first) != 1) > 0.9  # the one that is worst by far is not chosen


def test_all_answers_leave_no_doubt() -> None:
    named = [known(t) for t in TRUTHS[:2]]
    runs = [run_of(f"model-{i}", of_run[:2], ONTOLOGY) for i, of_run in enumerate(SAID)]
    spots = Spots(runs, FILES[:2], CLASSES, per_image=20)
    truths = {name: t for (name, _), t in zip(FILES, named, strict=False)}
    judge = Estimator(ask(spots, LabelAsker(truths, "truth"), most=len(spots)).standing)
    true = np.array([int(named[i].class_id[y, x]) for i, y, x in _places(spots)])
    for r in range(3):
        assert judge.f(cut(r)).value == pytest.approx((spots.pool.class_id[r] == true).mean())
        both = [
            ((spots.pool.class_id[r] == k) & (true == k)).sum()
            / max(((spots.pool.class_id[r] == k) | (true == k)).sum(), 1)
            for k in (0, 1)
        ]
        assert judge.mean_iou(cut(r), (0, 1)).value == pytest.approx(np.mean(both), abs=1e-6)


def _places(spots: Spots) -> list[tuple[int, int, int]]:
    boxes = [q.objects.xyxy[0].astype(int) for u in range(len(spots)) if (q := spots.question(u)).objects is not None]
    return [(int(i), int(b[1]), int(b[0])) for i, b in zip(spots.pool.image, boxes, strict=True)]


def test_maps_of_other_sizes_and_other_images() -> None:
    odd = run_of("b", [SegmentationMap(np.zeros((3, 3), np.int32), CLASSES)])
    with pytest.raises(InvalidValue, match="one size"):
        Spots([run_of("a", SAID[0][:1]), odd], files_of(1), CLASSES)
    with pytest.raises(InvalidValue, match="2 images, got 1"):
        Spots([odd], files_of(2), CLASSES)
