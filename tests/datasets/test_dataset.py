import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from ocella.datasets import Dataset, Sample
from ocella.datasets.dataset import FILE, from_coco, to_coco
from ocella.errors import DatasetError, NotFound, OcellaError, Unreadable
from ocella.types import (
    COCO_PERSON,
    Annotation,
    Answer,
    Classification,
    Detections,
    Keypoints,
    Label,
    Masks,
    SegmentationMap,
    Source,
    TextLines,
)

CLASSES = ("cat", "dog")
PERSON = Source("person", "ana", time="2026-01-02T03:04:05+00:00")
MODEL = Source("model", "nanodet-g", run="r1", settings={"threshold": 0.3, "prompts": ["a cat"]})


def boxes(n: int, **columns: Any) -> Detections:
    rng = np.random.default_rng(n)
    low = rng.uniform(0, 10, (n, 2))
    xyxy = np.concatenate([low, low + rng.uniform(0.1, 9, (n, 2))], axis=1).astype(np.float32)
    return Detections(xyxy, rng.random(n).astype(np.float32), np.arange(n) % 2, CLASSES, **columns)


def points(n: int) -> Keypoints:
    rng = np.random.default_rng(n)
    visible = rng.random((n, 17)) > 0.5
    return Keypoints(
        (rng.random((n, 17, 2)) * 20).astype(np.float32), rng.random((n, 17)).astype(np.float32), visible, COCO_PERSON
    )


def one(label: Label, source: Source = MODEL) -> Dataset:
    sample = Sample("images/a.png", (20, 20), "ab", "val", "clip", {"seconds": 1.5}, (Annotation(label, source),))
    skeleton = COCO_PERSON if isinstance(label, Detections) and label.keypoints is not None else None
    return Dataset(Path("d"), "detect", CLASSES, (sample,), skeleton, {"split": "by hand"})


LABELS: dict[str, Label] = {
    "boxes": boxes(4),
    "nothing there": boxes(0).replace(xyxy=np.zeros((0, 4), np.float32)),
    "masks": boxes(2, masks=Masks.from_dense(np.random.default_rng(0).random((2, 20, 20)) > 0.5)),
    "keypoints": boxes(3, keypoints=points(3)),
    "tracks": boxes(2, track_id=np.array([7, 9])),
    "columns": boxes(2, data={"prompt": np.array(["a cat", "a dog"]), "difficult": np.array([0, 1])}),
    "class of the image": Classification(np.array([0.25, 0.75], np.float32), CLASSES),
    "several classes": Classification(np.array([0.9, 0.8], np.float32), CLASSES, multi_label=True),
    "text": TextLines(np.arange(16, dtype=np.float32).reshape(2, 4, 2), ("ä", "b"), np.array([0.5, 0.1], np.float32)),
    "class map": SegmentationMap(np.array([[0, 0, 1], [-1, 1, 1]], np.int32), CLASSES),
    "answer": Answer('{"n": 2}', "how many?", {"n": 2}, ""),
}


@pytest.mark.parametrize("label", LABELS.values(), ids=LABELS.keys())
def test_every_label_survives_disk_bit_by_bit(label: Label, tmp_path: Path) -> None:
    dataset = one(label).replace(root=tmp_path)
    dataset.save()
    assert Dataset.open(tmp_path) == dataset


def test_states_and_notes_survive(tmp_path: Path) -> None:
    label = Annotation(boxes(3), MODEL, ("accepted", "rejected", "edited"), ("", "nested", "moved"))
    dataset = one(boxes(1)).map(lambda s: s.replace(annotations=(label,))).replace(root=tmp_path)
    dataset.save()
    assert Dataset.open(tmp_path) == dataset


def test_two_labels_of_one_source_on_one_image_stay_two(tmp_path: Path) -> None:
    twice = (Annotation(boxes(2), MODEL), Annotation(boxes(3), MODEL), Annotation(boxes(1), PERSON))
    dataset = one(boxes(1)).map(lambda s: s.replace(annotations=twice)).replace(root=tmp_path)
    dataset.save()
    assert Dataset.open(tmp_path).samples[0].annotations == twice


def test_unseen_and_empty_are_different_on_disk(tmp_path: Path) -> None:
    samples = (Sample("a.png", (2, 2)), Sample("b.png", (2, 2), annotations=(Annotation(boxes(0), PERSON),)))
    Dataset(tmp_path, "detect", CLASSES, samples).save()
    assert [s.seen for s in Dataset.open(tmp_path)] == [False, True]


def test_the_file_is_coco() -> None:
    body = to_coco(one(LABELS["columns"]))
    assert [c["name"] for c in body["categories"]] == list(CLASSES)
    assert body["annotations"][1]["category_id"] == 2
    assert {"id", "file_name", "width", "height"} <= set(body["images"][0])


def test_crowds_are_marked_for_other_readers() -> None:
    crowd = boxes(2, data={"iscrowd": np.array([0, 1])})
    assert [a["iscrowd"] for a in to_coco(one(crowd))["annotations"]] == [0, 1]


def test_samples_go_by_file_name() -> None:
    samples = tuple(Sample(f"{n}.png", (2, 2)) for n in "cab")
    assert [s.file for s in Dataset(Path("d"), "detect", CLASSES, samples)] == ["a.png", "b.png", "c.png"]


def test_contradictions_are_refused() -> None:
    twice = (Sample("a.png", (2, 2)), Sample("a.png", (2, 2)))
    with pytest.raises(DatasetError, match=r"a\.png"):
        Dataset(Path("d"), "detect", CLASSES, twice)
    with pytest.raises(DatasetError, match="unique"):
        Dataset(Path("d"), "detect", ("cat", "cat"), ())


def test_a_missing_split_is_named_with_those_that_are_there() -> None:
    dataset = one(boxes(1))
    assert len(dataset.split("val")) == 1
    with pytest.raises(DatasetError, match=r"'test'.*'val'"):
        dataset.split("test")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("{", Unreadable),
        ("[]", Unreadable),
        ("{}", Unreadable),
        (json.dumps({"info": {}, "images": [], "annotations": [], "categories": []}), DatasetError),
        (json.dumps({**to_coco(one(boxes(1))), "images": [{}]}), Unreadable),
    ],
)
def test_a_broken_file_is_named(body: str, error: type[OcellaError], tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(body, encoding="utf-8")
    with pytest.raises(error, match=r"annotations\.json"):
        Dataset.open(tmp_path)


def test_a_folder_without_a_data_set_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="ocella label"):
        Dataset.open(tmp_path)


def test_pixels_of_another_size_are_refused(tmp_path: Path) -> None:
    Pillow.new("RGB", (20, 20)).save(tmp_path / "a.png")
    dataset = Dataset(tmp_path, "detect", CLASSES, (Sample("a.png", (20, 20)),))
    assert dataset.image(dataset.samples[0]).size_hw == (20, 20)
    with pytest.raises(DatasetError, match="Label it again"):
        dataset.image(dataset.samples[0].replace(size_hw=(10, 20)))


def test_from_coco_of_to_coco_is_the_same_through_json() -> None:
    dataset = one(LABELS["keypoints"])
    assert from_coco(json.loads(json.dumps(to_coco(dataset))), dataset.root) == dataset
