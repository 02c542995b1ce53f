"""Labels a second time: what a person touched stays, what the same model proposed is replaced."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.small_models import Blocks, Brightness, paint

from ocella.datasets import Dataset
from ocella.errors import Mismatch
from ocella.labeling.hygiene import clean
from ocella.labeling.run import label
from ocella.labeling.settings import LabelSettings
from ocella.types import Annotation, Classification, Detections, Ontology, Source, State

RED, BLUE, WIDE = (10, 10, 30, 40), (50, 5, 80, 25), (40, 40, 90, 60)


def picture(folder: Path) -> Path:
    paint(folder / "a.png", ("red", *RED), ("blue", *BLUE), ("red", *WIDE))
    return folder


def labelled(tmp_path: Path) -> Dataset:
    return label([picture(tmp_path / "in")], tmp_path / "out", Blocks()).dataset


def again(tmp_path: Path, model: Blocks | None = None, classes: str = "") -> Dataset:
    settings = LabelSettings(Ontology.parse(classes) if classes else None)
    return label([tmp_path / "in"], tmp_path / "out", model or Blocks(), settings).dataset


def change(dataset: Dataset, edit: Callable[[Annotation], Annotation]) -> None:
    dataset.map(lambda s: s.replace(annotations=tuple(edit(a) for a in s.annotations))).save()


def states(*said: State, notes: tuple[str, ...] = ()) -> Callable[[Annotation], Annotation]:
    return lambda a: a.replace(state=said, note=notes or ("",) * len(said))


def rows(dataset: Dataset) -> list[tuple[str, str, tuple[float, ...]]]:
    """(state, class, box) of every row, rejected ones too, in order of the boxes."""
    found = []
    for annotation in dataset.samples[0].annotations:
        assert isinstance(annotation.value, Detections)
        for i, state in enumerate(annotation.state):
            found.append((state, annotation.value.names[i], tuple(annotation.value.xyxy[i].tolist())))
    return sorted(found, key=lambda r: r[2])


def test_proposals_of_the_same_model_are_replaced(tmp_path: Path) -> None:
    labelled(tmp_path)
    moved = again(tmp_path, Blocks(confidence=0.5), "red, blue")
    assert [a.source.name for a in moved.samples[0].annotations] == ["blocks"]
    assert {r[0] for r in rows(moved)} == {"proposed"}
    assert len(rows(moved)) == 3


def test_another_model_stands_beside(tmp_path: Path) -> None:
    labelled(tmp_path)
    both = again(tmp_path, Blocks("second", shift=2))
    assert [a.source.name for a in both.samples[0].annotations] == ["blocks", "second"]
    assert len(rows(both)) == 6


def test_what_a_person_touched_stays_and_is_not_doubled(tmp_path: Path) -> None:
    edited = np.array([RED, (42, 38, 88, 62), BLUE], np.float32)

    def touch(a: Annotation) -> Annotation:
        assert isinstance(a.value, Detections)
        assert a.value.xyxy.tolist() == [list(map(float, b)) for b in (RED, WIDE, BLUE)]
        return a.replace(value=a.value.replace(xyxy=edited), state=("accepted", "edited", "rejected"))

    change(labelled(tmp_path), touch)
    after = again(tmp_path)
    assert rows(after) == [
        ("accepted", "red", (10, 10, 30, 40)),
        ("edited", "red", (42, 38, 88, 62)),
        ("rejected", "blue", (50, 5, 80, 25)),
    ]
    assert rows(again(tmp_path, classes="red, blue")) == rows(after)


def test_a_rejection_with_a_persons_note_stays(tmp_path: Path) -> None:
    change(labelled(tmp_path), states("rejected", "proposed", "proposed", notes=("a poster, not a block", "", "")))
    after = again(tmp_path)
    assert [r[0] for r in rows(after)] == ["rejected", "proposed", "proposed"]
    assert len(after.samples[0].detections(after.classes)) == 2


def test_the_rest_is_proposed_anew_and_then_stays(tmp_path: Path) -> None:
    change(labelled(tmp_path), states("accepted", "proposed", "proposed"))
    after = again(tmp_path)
    assert [r[0] for r in rows(after)] == ["accepted", "proposed", "proposed"]
    written = (tmp_path / "out" / "annotations.json").read_bytes()
    assert again(tmp_path) == after
    assert (tmp_path / "out" / "annotations.json").read_bytes() == written


def test_labels_by_people_are_no_proposals(tmp_path: Path) -> None:
    made = labelled(tmp_path)
    mine = Annotation(made.samples[0].detections(made.classes)[[0]], Source("person", "me"), ("accepted",))
    made.map(lambda s: s.replace(annotations=(*s.annotations, mine))).save()
    assert mine in again(tmp_path).samples[0].annotations


def test_cleaning_survives_a_second_run(tmp_path: Path) -> None:
    paint(tmp_path / "in" / "a.png", ("red", *RED), ("blue", 50, 5, 52, 25))
    made = label([tmp_path / "in"], tmp_path / "out", Blocks()).dataset
    clean(made)
    cleaned = (tmp_path / "out" / "annotations.json").read_bytes()
    assert [r[0] for r in rows(again(tmp_path))] == ["proposed", "rejected"]
    assert (tmp_path / "out" / "annotations.json").read_bytes() == cleaned


def test_splits_and_info_survive(tmp_path: Path) -> None:
    labelled(tmp_path).map(lambda s: s.replace(split="val")).replace(info={"split": "by hand"}).save()
    after = again(tmp_path)
    assert after.samples[0].split == "val"
    assert after.info == {"split": "by hand"}


def test_other_classes_keep_what_people_made(tmp_path: Path) -> None:
    change(labelled(tmp_path), states("accepted", "proposed", "rejected"))
    after = again(tmp_path, classes="blue, red")
    assert after.classes == ("blue", "red")
    assert rows(after) == [
        ("accepted", "red", (10, 10, 30, 40)),
        ("proposed", "red", (40, 40, 90, 60)),
        ("rejected", "blue", (50, 5, 80, 25)),
    ]


def test_other_classes_that_lose_a_persons_label_are_refused(tmp_path: Path) -> None:
    change(labelled(tmp_path), states("accepted", "proposed", "proposed"))
    before = (tmp_path / "out" / "annotations.json").read_bytes()
    with pytest.raises(Mismatch, match="'red'"):
        again(tmp_path, classes="blue, green")
    assert (tmp_path / "out" / "annotations.json").read_bytes() == before


def test_a_class_without_a_rejected_one_is_no_loss(tmp_path: Path) -> None:
    change(labelled(tmp_path), states("proposed", "proposed", "rejected"))
    assert rows(again(tmp_path, classes="red")) == [
        ("proposed", "red", (10, 10, 30, 40)),
        ("proposed", "red", (40, 40, 90, 60)),
    ]


def test_an_accepted_class_of_an_image_stays(tmp_path: Path) -> None:
    paint(tmp_path / "in" / "a.png", grey=250)
    made = label([tmp_path / "in"], tmp_path / "out", Brightness()).dataset
    wrong = Classification(np.array([1, 0], np.float32), ("dark", "light"))
    change(made, lambda a: a.replace(value=wrong, state=("edited",)))
    after = label([tmp_path / "in"], tmp_path / "out", Brightness()).dataset
    assert [(a.value, a.state) for a in after.samples[0].annotations] == [(wrong, ("edited",))]


def test_images_that_left_the_sources_stay(tmp_path: Path) -> None:
    paint(tmp_path / "in" / "b.png", ("green", 1, 1, 20, 20))
    labelled(tmp_path)
    (tmp_path / "in" / "b.png").unlink()
    after = again(tmp_path)
    assert [s.file for s in after] == ["images/a.png", "images/b.png"]
    assert after.samples[1].detections(after.classes).names == ["green"]


def test_an_image_edited_in_its_place_is_looked_at_anew(tmp_path: Path) -> None:
    labelled(tmp_path)
    for file in (tmp_path / "in" / "a.png", tmp_path / "out" / "images" / "a.png"):
        paint(file, ("green", 5, 5, 25, 25), size_hw=(80, 100))
    after = again(tmp_path)
    sample = after.samples[0]
    assert after.image(sample).size_hw == sample.size_hw == (80, 100)
    assert sample.sha256 == hashlib.sha256(after.path(sample).read_bytes()).hexdigest()
    assert [r[1:] for r in rows(after)] == [("green", (5, 5, 25, 25))]
