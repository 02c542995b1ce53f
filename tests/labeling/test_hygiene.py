from pathlib import Path

import numpy as np
import pytest
from tests.small_models import paint

from ocella.datasets import Dataset, Sample
from ocella.errors import NotFound
from ocella.labeling.hygiene import clean, undo
from ocella.types import Annotation, Detections, Masks, Source, State

HW = (100, 200)
CLASSES = ("a", "b")
MODEL, PERSON = Source("model", "m", run="r1"), Source("person", "someone")


def boxes(*rows: tuple[float, float, float, float], confidence: float = 0.5) -> Detections:
    n = len(rows)
    return Detections(np.array(rows, np.float32).reshape(-1, 4), np.full(n, confidence), np.zeros(n, np.int64), CLASSES)


GOOD, TINY, OVER, DOUBLE = (10, 10, 60, 60), (100, 10, 102, 40), (150, 20, 230, 90), (11, 10, 60, 60)


def dataset(root: Path, *annotations: Annotation, others: int = 1) -> Dataset:
    names = [f"images/{i}.png" for i in range(1 + others)]
    for name in names:
        paint(root / name, size_hw=HW)
    samples = [Sample(n, HW, annotations=annotations if i == 0 else ()) for i, n in enumerate(names)]
    made = Dataset(root, "detect", CLASSES, tuple(samples))
    made.save()
    return Dataset.open(root)


def one(made: Dataset, k: int = 0) -> Annotation:
    return made.samples[0].annotations[k]


def test_every_rule_applies_and_says_why(tmp_path: Path) -> None:
    rows = Annotation(boxes(GOOD, TINY, OVER, DOUBLE), MODEL)
    cleaned = clean(dataset(tmp_path, rows))
    after = one(Dataset.open(tmp_path))
    assert after.state == ("proposed", "rejected", "proposed", "rejected")
    assert [n.partition(":")[0] for n in after.note] == ["", "tiny", "out-of-frame", "duplicate"]
    assert isinstance(after.value, Detections)
    assert after.value.xyxy[2].tolist() == [150, 20, 200, 90]
    assert after.value.xyxy[[0, 1, 3]].tolist() == [list(map(float, b)) for b in (GOOD, TINY, DOUBLE)]
    assert dict(cleaned.counts) == {"tiny": 1, "out-of-frame": 1, "duplicate": 1, "nested": 0, "sliver": 0}
    assert [(f["rule"], f["fix"]) for f in cleaned.findings] == [
        ("tiny", "reject"),
        ("out-of-frame", "clip"),
        ("duplicate", "reject"),
    ]


def test_a_look_changes_nothing(tmp_path: Path) -> None:
    made = dataset(tmp_path, Annotation(boxes(GOOD, TINY), MODEL))
    before = (tmp_path / "annotations.json").read_bytes()
    cleaned = clean(made, apply=False)
    assert cleaned.counts["tiny"] == 1
    assert not cleaned.applied
    assert cleaned.dataset == made
    assert (tmp_path / "annotations.json").read_bytes() == before
    with pytest.raises(NotFound, match="nothing to undo"):
        undo(tmp_path)


def test_only_the_rules_that_were_named(tmp_path: Path) -> None:
    cleaned = clean(dataset(tmp_path, Annotation(boxes(GOOD, TINY, OVER), MODEL)), only=["out-of-frame"])
    assert dict(cleaned.counts) == {"out-of-frame": 1}
    assert one(cleaned.dataset).state == ("proposed",) * 3


@pytest.mark.parametrize(
    ("source", "state"), [(PERSON, "proposed"), (MODEL, "accepted"), (MODEL, "edited"), (MODEL, "rejected")]
)
def test_what_a_person_touched_is_left_alone(source: Source, state: State, tmp_path: Path) -> None:
    rows = Annotation(boxes(TINY, OVER, (-50, 0, -20, 20)), source, (state,) * 3)
    made = dataset(tmp_path, rows)
    cleaned = clean(made)
    assert cleaned.dataset == made
    assert sum(cleaned.counts.values()) == 0
    with pytest.raises(NotFound):
        undo(tmp_path)


def test_a_persons_box_wins_over_a_surer_double(tmp_path: Path) -> None:
    mine = Annotation(boxes(GOOD, confidence=0.3), MODEL, ("accepted",))
    other = Annotation(boxes(DOUBLE, confidence=0.99), Source("model", "other"))
    cleaned = clean(dataset(tmp_path, mine, other))
    assert one(cleaned.dataset, 0).state == ("accepted",)
    assert one(cleaned.dataset, 0).value == mine.value
    assert one(cleaned.dataset, 1).state == ("rejected",)


def test_a_rejected_row_covers_nothing(tmp_path: Path) -> None:
    gone = Annotation(boxes(GOOD, confidence=0.99), Source("model", "other"), ("rejected",))
    cleaned = clean(dataset(tmp_path, gone, Annotation(boxes(DOUBLE), MODEL)))
    assert one(cleaned.dataset, 1).state == ("proposed",)


def test_masks_beside_plain_boxes(tmp_path: Path) -> None:
    dense = np.zeros((1, *HW), bool)
    dense[0, 10:60, 10:60] = True
    masked = boxes(GOOD, confidence=0.9).replace(masks=Masks.from_dense(dense))
    cleaned = clean(dataset(tmp_path, Annotation(masked, MODEL), Annotation(boxes(DOUBLE), Source("model", "n"))))
    assert one(cleaned.dataset, 1).state == ("rejected",)
    kept = one(Dataset.open(tmp_path)).value
    assert isinstance(kept, Detections)
    assert kept.masks == masked.masks


def test_cleaning_twice_changes_nothing_and_still_tells(tmp_path: Path) -> None:
    first = clean(dataset(tmp_path, Annotation(boxes(GOOD, TINY, OVER, DOUBLE), MODEL)))
    bytes_then = (tmp_path / "annotations.json").read_bytes()
    second = clean(Dataset.open(tmp_path))
    assert (tmp_path / "annotations.json").read_bytes() == bytes_then
    assert second.counts == first.counts
    undo(tmp_path)
    assert one(Dataset.open(tmp_path)).state == ("proposed",) * 4


def test_undo_restores_bytes(tmp_path: Path) -> None:
    made = dataset(tmp_path, Annotation(boxes(GOOD, TINY, OVER, DOUBLE), MODEL))
    before = (tmp_path / "annotations.json").read_bytes()
    clean(made)
    assert (tmp_path / "annotations.json").read_bytes() != before
    assert undo(tmp_path) == made
    assert (tmp_path / "annotations.json").read_bytes() == before
    with pytest.raises(NotFound, match="nothing to undo"):
        undo(tmp_path)


def test_undo_keeps_a_later_split(tmp_path: Path) -> None:
    made = dataset(tmp_path, Annotation(boxes(GOOD, TINY, OVER), MODEL))
    cleaned = clean(made).dataset
    divided = cleaned.map(lambda s: s.replace(split="val")).replace(info={"split": "by hand"})
    divided.save()
    restored = undo(tmp_path)
    assert [s.split for s in restored] == ["val", "val"]
    assert restored.info == {"split": "by hand"}
    assert [s.annotations for s in restored] == [s.annotations for s in made]


def test_undo_leaves_what_a_person_touched_since(tmp_path: Path) -> None:
    cleaned = clean(dataset(tmp_path, Annotation(boxes(GOOD, TINY, OVER, DOUBLE), MODEL))).dataset
    now = one(cleaned)
    touched = now.replace(state=("rejected", "rejected", "accepted", "rejected"), note=("", "so it is", *now.note[2:]))
    added = Annotation(boxes((0, 0, 30, 30)), PERSON, ("accepted",))
    cleaned.map(lambda s: s.replace(annotations=(touched, added) if s.annotations else ())).save()
    restored = undo(tmp_path)
    after = one(restored)
    assert after.state == ("rejected", "rejected", "accepted", "proposed")
    assert after.note[1] == "so it is"
    assert isinstance(after.value, Detections)
    assert after.value.xyxy[2].tolist() == [150, 20, 200, 90]
    assert one(restored, 1) == added


def test_undo_knows_images_that_came_or_went_since(tmp_path: Path) -> None:
    made = dataset(tmp_path, Annotation(boxes(GOOD, TINY), MODEL), others=2)
    cleaned = clean(made).dataset
    new = Sample("images/new.png", HW, annotations=(Annotation(boxes(TINY), MODEL),))
    cleaned.replace(samples=(*cleaned.samples[:-1], new)).save()
    restored = undo(tmp_path)
    assert [s.file for s in restored] == ["images/0.png", "images/1.png", "images/new.png"]
    assert one(restored).state == ("proposed", "proposed")
    assert restored.samples[-1] == new
