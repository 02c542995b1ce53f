"""Boxes pooled into objects, and what an answer about one says of every run."""

from pathlib import Path

import numpy as np
import pytest
from tests.choosing.scenes import detections, run_of, scenes

from ocella.choosing.cuts import Cuts
from ocella.choosing.label_asker import LabelAsker
from ocella.choosing.objects import Objects
from ocella.choosing.question import Reply
from ocella.choosing.totals import Cut
from ocella.errors import InvalidValue
from ocella.metrics.matching import match
from ocella.types import Detections

CLASSES = ("cat", "dog")
FILE = [("a.jpg", Path("a.jpg"))]


def pooled(*runs: list[tuple[float, float, float, float, float, int]]) -> Objects:
    return Objects([run_of([detections(rows, CLASSES)], tile=(1, n + 1)) for n, rows in enumerate(runs)], FILE)


def test_boxes_of_one_thing_are_one_unit_and_every_image_is_a_gap() -> None:
    objects = pooled(
        [(0, 0, 40, 40, 0.9, 0), (100, 100, 140, 140, 0.5, 1)],
        [(2, 0, 42, 40, 0.6, 1), (200, 200, 240, 240, 0.2, 0)],
    )
    pool = objects.pool
    assert pool.gap.tolist() == [False, False, False, True]
    assert pool.lead.tolist() == [0, 1, 0, -1]
    assert pool.class_id.tolist() == [[0, 1, -1, -1], [1, -1, 0, -1]]
    np.testing.assert_allclose(pool.confidence, [[0.9, 0.5, 0, 0], [0.6, 0, 0.2, 0]], atol=1e-6)
    assert pool.core.tolist() == [True, True, False, False]  # 0.2 is below the model's usual threshold


def test_claims_below_half_the_usual_threshold_are_left_out() -> None:
    assert len(pooled([(0, 0, 40, 40, 0.17, 0)]).pool) == 1
    assert len(pooled([(0, 0, 40, 40, 0.18, 0)]).pool) == 2


@pytest.mark.parametrize(
    ("reply", "class_id", "confidence"),
    [
        (Reply("yes"), 0, [0.9, 0.0]),
        (Reply("class", "dog"), 1, [0.0, 0.6]),
        (Reply("class", "horse"), -1, [0.0, 0.0]),
        (Reply("no"), -1, [0.0, 0.0]),
        (Reply("fix", xyxy=(0, 0, 42, 42)), 0, [0.9, 0.0]),
        (Reply("fix", xyxy=(0, 0, 20, 40)), 0, [0.9, 0.0]),
        (Reply("fix", xyxy=(0, 0, 10, 40)), -1, [0.0, 0.0]),
    ],
)
def test_an_answer_settles_all_runs(reply: Reply, class_id: int, confidence: list[float]) -> None:
    objects = pooled([(0, 0, 40, 40, 0.9, 0)], [(2, 0, 42, 40, 0.6, 1)])
    found = objects.settle(0, reply)
    assert found is not None
    assert found.class_id == class_id
    np.testing.assert_allclose(found.confidence, confidence, atol=1e-6)


def test_nobody_could_tell() -> None:
    objects = pooled([(0, 0, 40, 40, 0.9, 0)])
    assert objects.settle(0, Reply("skip")) is None
    assert objects.settle(1, Reply("skip")) is None


def test_a_gap_counts_by_class() -> None:
    objects = pooled([(0, 0, 40, 40, 0.9, 0)])
    found = objects.settle(1, Reply("missing", missing={"dog": 2}))
    assert found is not None
    assert found.missing.tolist() == [0, 2]


def test_of_two_units_on_one_thing_the_surer_stands_for_it() -> None:
    objects = pooled([(0, 0, 40, 40, 0.9, 0)], [(0, 10, 40, 60, 0.6, 0)])
    assert len(objects.pool) == 3
    truth = Reply("fix", xyxy=(0, 0, 40, 52))
    first, second = objects.settle(0, truth), objects.settle(1, truth)
    assert first is not None
    assert second is not None
    assert (first.class_id, second.class_id) == (0, -1)
    np.testing.assert_allclose(first.confidence, [0.9, 0.6], atol=1e-6)


def test_questions_show_what_is_asked_about() -> None:
    objects = pooled(
        [(0, 0, 40, 40, 0.9, 0), (100, 100, 140, 140, 0.2, 1)], [(0, 0, 40, 55, 0.6, 0), (100, 100, 141, 141, 0.19, 1)]
    )
    one, gap = objects.question(0), objects.question(2)
    assert (one.kind, one.text, one.file) == ("object", "Is this a cat?", "a.jpg")
    assert one.objects is not None
    assert one.objects.xyxy.tolist() == [[0, 0, 40, 40], [0, 0, 40, 55]]
    assert gap.kind == "missing"
    assert gap.objects is not None
    assert len(gap.objects) == 1  # only what some run claims at its usual threshold
    assert "cat, dog without a box" in gap.text


@pytest.mark.parametrize("seed", range(8))
def test_all_answers_give_the_counts_that_matching_gives(seed: int) -> None:
    world = scenes(seed, classes=("cat", "dog"))
    objects = Objects(world.runs, world.files)
    asker = LabelAsker(world.truths, "truth")
    settled = [objects.settle(u, asker(objects.question(u))) for u in range(len(objects))]
    assert all(s is not None for s in settled)
    there = np.array(
        [sum(s.class_id == k for u, s in enumerate(settled) if s and objects.pool.core[u]) for k in (0, 1)]
    )
    there = there + np.sum([s.missing for s in settled if s], axis=0)
    cuts = Cuts.of(objects.pool)
    for m in range(0, len(cuts), 5):
        cut = Cut(int(cuts.run[m]), (float(cuts.threshold[m]),) * 2)
        said = [d[d.confidence >= cut.thresholds[0]] for d in world.runs[cut.run].said if isinstance(d, Detections)]
        matches = match(said, world.truth, ("cat", "dog"))
        for k, of_class in enumerate(matches.per_class):
            hits = sum(s.class_id == k and 0 < s.confidence[cut.run] >= cut.thresholds[k] for s in settled if s)
            assert hits == of_class.hit[0, 0].sum()
            assert cuts.claimed[m, k] == len(of_class.confidence)
            assert there[k] == of_class.truths[0].sum()


def test_runs_must_speak_of_the_same_images_and_classes() -> None:
    one = run_of([detections([], ("cat",))])
    with pytest.raises(InvalidValue, match="same classes"):
        Objects([one, run_of([detections([], ("dog",))])], FILE)
    with pytest.raises(InvalidValue, match="of 1 images, got 2"):
        Objects([run_of([detections([], ("cat",))] * 2)], FILE)
