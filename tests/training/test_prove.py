"""A student beside its teacher and its start, with detectors whose faults are known."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.small_models import Blocks, Brightness, Rulers, paint

from ocella.datasets import Dataset, Sample
from ocella.errors import DatasetError, Mismatch
from ocella.metrics.intervals import Interval
from ocella.training.prove import Contender, Proof, prove, start_contender
from ocella.types import Annotation, Classification, Detections, Image, Ontology, Source

CLASSES = ("red", "blue")
PERSON, MODEL = Source("person", "someone"), Source("model", "teacher")


class Noisy(Blocks):
    """Misses or misplaces every `each`-th picture by its grey, and sees a thing that is not there in it."""

    def __init__(self, name: str = "noisy", each: int = 2) -> None:
        super().__init__(name, knows=CLASSES)
        self.each = each

    def _find(self, image: Image, prompts: Sequence[tuple[str, int]], names: tuple[str, ...]) -> Detections:
        found = super()._find(image, prompts, names)
        if int(image.pixels[-1, -1, 0]) % self.each:
            return found
        wrong = Detections(np.array([[0, 0, 9, 9]], np.float32), np.array([0.95], np.float32), np.array([0]), names)
        return Detections.concatenate([found[[]], wrong])


def data(root: Path, n: int = 24, source: Source = PERSON, group: int = 0) -> Dataset:
    """Pictures of a red and mostly a blue block, all but four of them held back; `group` so many share one group."""
    rng = np.random.default_rng(0)
    samples = []
    for i in range(n):
        x, y = (int(v) for v in rng.integers(20, 40, 2))
        blocks = [("red", x, 1, x + 20, 15), ("blue", 50, y, 90, 63)][: 1 + (i % 3 > 0)]
        paint(root / f"{i:02}.png", *blocks, grey=60 + i)
        boxes = np.array([b[1:] for b in blocks], np.float32)
        ids = np.array([CLASSES.index(b[0]) for b in blocks])
        rows = Annotation(Detections(boxes, np.ones(len(blocks), np.float32), ids, CLASSES), source)
        name = f"g{i // group}" if group else ""
        samples.append(
            Sample(f"{i:02}.png", (64, 96), f"{i:064}", "train" if i < 4 else "val", name, annotations=(rows,))
        )
    return Dataset(root, "detect", CLASSES, tuple(samples))


def student(model: Blocks) -> Contender:
    return Contender("student", model.card.name, model, 1.5)


def start(model: Blocks) -> Contender:
    return Contender("untrained start", model.card.name, model, 3.0)


def score(proof: Proof, role: str) -> Interval:
    found = next(r.score for r in proof.rows if r.role == role)
    assert found is not None
    return found


def test_a_perfect_student_gains_over_a_noisy_start(tmp_path: Path) -> None:
    told = []
    contenders = [
        Contender("teacher", "teacher", Noisy(each=4), 9.0),
        start(Noisy()),
        student(Blocks(knows=CLASSES)),
    ]
    proof = prove(data(tmp_path), contenders, CLASSES, progress=lambda *row: told.append(row))
    assert (proof.metric, proof.images, proof.truth) == ("AP50", 20, "people's labels")
    perfect = score(proof, "student")
    assert (perfect.value, perfect.low, perfect.high) == pytest.approx((1, 1, 1))
    for role in ("teacher", "untrained start"):
        interval = score(proof, role)
        assert 0 < interval.low < interval.value < interval.high < 1
    assert score(proof, "teacher").value > score(proof, "untrained start").value
    assert proof.difference is not None
    assert proof.difference.low > 0
    assert proof.difference.value == pytest.approx(1 - score(proof, "untrained start").value)
    assert proof.verdict == "gain"
    last = proof.rows[-1]
    assert last.ap == pytest.approx(1)
    assert last.megabytes == 1.5
    assert last.ms is not None
    assert last.ms > 0
    assert {name: row["ap50"] for name, row in proof.per_class.items()} == pytest.approx({"red": 1, "blue": 1})
    assert [r.role for r in proof.rows] == ["teacher", "untrained start", "student"]
    assert told[-1][1:3] == (3, 3)
    json.dumps(proof.to_json(), allow_nan=False)


@pytest.mark.parametrize(
    ("pupil", "before"),
    [(Blocks(knows=CLASSES), Blocks(knows=CLASSES)), (Noisy(), Noisy()), (Noisy(), Blocks(knows=CLASSES))],
    ids=["both perfect", "equally noisy", "worse"],
)
def test_no_gain_is_called_so(pupil: Blocks, before: Blocks, tmp_path: Path) -> None:
    proof = prove(data(tmp_path), [start(before), student(pupil)], CLASSES)
    assert proof.verdict == "no gain"
    assert proof.difference is not None
    assert proof.difference.value <= 0


def test_a_gain_on_few_images_is_no_gain(tmp_path: Path) -> None:
    """One picture in four set right says nothing yet."""
    pair = [start(Noisy(each=4)), student(Blocks(knows=CLASSES))]
    proof = prove(data(tmp_path, n=7), pair, CLASSES)
    assert proof.difference is not None
    assert proof.difference.value > 0
    assert proof.verdict == "no gain"
    assert any("3 images are few" in w for w in proof.warnings)


def test_no_start_to_compare(tmp_path: Path) -> None:
    known = Ontology.of("purple")
    none = start_contender(Blocks(), known)
    assert none.model is None
    assert "nothing to measure" in none.note
    proof = prove(data(tmp_path), [none, student(Blocks(knows=CLASSES))], CLASSES)
    assert proof.verdict == "no start to compare"
    assert proof.difference is None
    assert proof.rows[0].score is None


def test_a_start_is_asked_for_what_it_knows(tmp_path: Path) -> None:
    half = start_contender(Blocks(knows=("red",)), Ontology.of(*CLASSES))
    assert half.ontology == Ontology.of("red")
    assert "does not know blue" in half.note
    proof = prove(data(tmp_path), [half, student(Blocks(knows=CLASSES))], CLASSES)
    assert score(proof, "untrained start").value == pytest.approx(0.5)


def test_groups_widen_the_intervals(tmp_path: Path) -> None:
    """Faults that come group by group are fewer facts than as many single ones."""
    pair = [start(Blocks(knows=CLASSES)), student(Noisy())]
    alone = data(tmp_path, n=44)
    grey = [60 + i for i in range(44)]
    by_fault = {s.file: f"g{g % 2}{(g // 2) % 3}" for s, g in zip(alone, grey, strict=True)}
    together = alone.map(lambda s: s.replace(group=by_fault[s.file]))
    one, other = score(prove(alone, pair, CLASSES), "student"), score(prove(together, pair, CLASSES), "student")
    assert one.value == other.value
    assert other.high - other.low > 1.3 * (one.high - one.low)


def test_few_scenes_are_said(tmp_path: Path) -> None:
    proof = prove(data(tmp_path, group=10), [student(Noisy())], CLASSES)
    assert any("3 scenes" in w and "too narrow" in w for w in proof.warnings)
    one = prove(data(tmp_path, group=100), [student(Noisy())], CLASSES)
    assert any("one scene" in w for w in one.warnings)


def test_a_teachers_labels_are_no_truth(tmp_path: Path) -> None:
    made = data(tmp_path, source=MODEL).replace(info={"optimistic": "Cut by time."})
    proof = prove(made, [student(Blocks(knows=CLASSES))], CLASSES)
    assert proof.truth == "labels by teacher, not by people"
    assert "repeats its teacher" in proof.warnings[0]
    assert "Cut by time." in proof.warnings


def test_truth_is_found_by_content(tmp_path: Path) -> None:
    """Whatever its files are called, in a class list of its own; images that it lacks are not measured."""
    own = data(tmp_path, source=MODEL).map(lambda s: s.replace(annotations=(_nothing(),)))
    people = data(tmp_path)
    wide = ("green", "blue", "red")
    renamed = [
        s.replace(
            file=f"other/{99 - i}.png",
            split="",
            annotations=tuple(a.replace(value=_under(a.value, wide)) for a in s.annotations),
        )
        for i, s in enumerate(people)
        if i != 9
    ]
    truth = Dataset(tmp_path / "truth", "detect", wide, tuple(renamed))
    proof = prove(own, [student(Blocks(knows=CLASSES))], CLASSES, truth=truth)
    assert (proof.images, proof.truth) == (19, "people's labels")
    assert score(proof, "student").value == pytest.approx(1)
    assert [s.file for s in proof.samples] == [s.file for i, s in enumerate(own) if i >= 4 and i != 9]


def test_truth_with_objects_of_other_classes(tmp_path: Path) -> None:
    """A student of one class is not asked for what it never learned."""
    truth = data(tmp_path)
    own = truth.map(lambda s: s.replace(annotations=(_nothing(("red",)),))).replace(classes=("red",))
    proof = prove(own, [student(Blocks(knows=("red",)))], ("red",), truth=truth)
    assert score(proof, "student").value == pytest.approx(1)


def _nothing(classes: tuple[str, ...] = CLASSES) -> Annotation:
    return Annotation(Detections.empty(classes), MODEL)


def _under(value: object, classes: tuple[str, ...]) -> Detections:
    assert isinstance(value, Detections)
    return value.replace(class_id=np.array([classes.index(n) for n in value.names]), classes=classes)


def test_a_truth_that_lacks_a_class_is_refused(tmp_path: Path) -> None:
    truth = data(tmp_path).replace(classes=("red", "blau"))
    with pytest.raises(Mismatch, match=r"no class \['blue'\]; it has \['red', 'blau'\]"):
        prove(data(tmp_path), [student(Blocks(knows=CLASSES))], CLASSES, truth=truth)


def test_a_student_of_other_classes_is_refused(tmp_path: Path) -> None:
    made = data(tmp_path)
    paint(tmp_path / "05.png", ("green", 1, 1, 20, 20))
    with pytest.raises(Mismatch, match="green"):
        prove(made, [student(Blocks())], CLASSES)


def test_nothing_to_measure_by(tmp_path: Path) -> None:
    made = data(tmp_path)
    pair = [student(Blocks(knows=CLASSES))]
    with pytest.raises(DatasetError, match="no 'val' split"):
        prove(made.map(lambda s: s.replace(split="train")), pair, CLASSES)
    with pytest.raises(DatasetError, match="very same image files"):
        prove(made, pair, CLASSES, truth=made.map(lambda s: s.replace(sha256="0")))
    with pytest.raises(DatasetError, match="nothing to find"):
        prove(made.map(lambda s: s.replace(annotations=(_nothing(),))), pair, CLASSES)


def test_classifiers(tmp_path: Path) -> None:
    samples = []
    for i, grey in enumerate([10, 30, 50, 200, 220, 240] * 4):
        paint(tmp_path / f"{i:02}.png", grey=grey)
        wrong = i % 6 == 0
        rows = Annotation(Classification(np.eye(2)[int(grey > 100) ^ wrong], ("dark", "light")), PERSON)
        samples.append(Sample(f"{i:02}.png", (64, 96), str(i), "val", annotations=(rows,)))
    made = Dataset(tmp_path, "classify", ("dark", "light"), tuple(samples))
    model = Brightness()
    pair = [
        Contender("untrained start", "start", model, 1, Ontology.of("dark", "light")),
        Contender("student", "student", model, 1),
    ]
    proof = prove(made, pair, ("dark", "light"))
    assert proof.metric == "accuracy"
    interval = score(proof, "student")
    assert interval.value == pytest.approx(20 / 24)
    assert interval.low < interval.value < interval.high
    assert proof.verdict == "no gain"
    json.dumps(proof.to_json(), allow_nan=False)


def test_only_what_can_be_compared(tmp_path: Path) -> None:
    with pytest.raises(Mismatch, match="detectors or classifiers"):
        prove(data(tmp_path), [Contender("student", "rulers", Rulers())], CLASSES)


def test_a_class_without_true_objects_is_null(tmp_path: Path) -> None:
    made = data(tmp_path, n=8).replace(classes=(*CLASSES, "green"))
    made = made.map(lambda s: s.replace(annotations=tuple(_widened(a) for a in s.annotations)))
    proof = prove(made, [student(Blocks(knows=(*CLASSES, "green")))], (*CLASSES, "green"))
    assert proof.to_json()["per_class"]["green"]["ap"] is None
    assert proof.to_json()["per_class"]["green"]["n_truths"] == 0
    assert score(proof, "student").value == pytest.approx(1)
    json.dumps(proof.to_json(), allow_nan=False)


def _widened(annotation: Annotation) -> Annotation:
    assert isinstance(annotation.value, Detections)
    return replace(annotation, value=annotation.value.replace(classes=(*CLASSES, "green")))
