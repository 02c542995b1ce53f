from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from ocella.datasets import Dataset, Sample
from ocella.datasets.formats.yolo import Yolo
from ocella.errors import DatasetError, NotFound, OcellaError, Unreadable
from ocella.types import Annotation, Detections, Keypoints, Masks, Skeleton, Source, State

YOLO = Yolo()
CLASSES = ("cat", "no")


def put(folder: Path, place: str, stem: str, text: str | None) -> None:
    """An image of 20 x 10 and its text file."""
    file = folder / place / f"{stem}.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    Pillow.new("RGB", (20, 10), (len(stem), 0, 0)).save(file)
    if text is not None:
        labels = folder / place.replace("images", "labels") / f"{stem}.txt"
        labels.parent.mkdir(parents=True, exist_ok=True)
        labels.write_text(text, encoding="utf-8")


def one(folder: Path, text: str | None, yaml: str = "train: images\nnames: [cat, no]\n") -> Path:
    put(folder, "images", "a", text)
    (folder / "data.yaml").write_text(yaml, encoding="utf-8")
    return folder


def read(folder: Path) -> tuple[Dataset, Detections]:
    dataset = YOLO.read(folder, folder.parent / "ours")
    return dataset, dataset.samples[0].detections(dataset.classes)


def test_shares_become_pixels(tmp_path: Path) -> None:
    dataset, found = read(one(tmp_path / "y", "1 0.5 0.5 0.5 0.2\n\n0 0.25 0.5 0.1 0.2 0.75\n"))
    np.testing.assert_allclose(found.xyxy, [[5, 4, 15, 6], [4, 4, 6, 6]], atol=1e-5)
    assert found.names == ["no", "cat"], "'no' is a class, not a truth value"
    assert found.confidence.tolist() == [1, 0.75]
    assert dataset.samples[0].split == "train"


def test_outlines_become_masks(tmp_path: Path) -> None:
    _, found = read(one(tmp_path / "y", "0 0.1 0.2 0.5 0.2 0.5 0.8 0.1 0.8\n"))
    assert found.masks is not None
    expected = np.zeros((10, 20), bool)
    expected[2:8, 2:10] = True
    np.testing.assert_array_equal(found.masks.dense()[0], expected)
    np.testing.assert_allclose(found.xyxy, [[2, 2, 10, 8]])


@pytest.mark.parametrize(
    ("text", "visible"),
    [
        ("0 0.5 0.5 1 1 0.5 0.5 2 0 0 0\n", [True, False]),
        ("0 0.5 0.5 1 1 0.5 0.5 1 0.1 0.1 0\n", [True, False]),
    ],
)
def test_keypoints(text: str, visible: list[bool], tmp_path: Path) -> None:
    yaml = "train: images\nkpt_shape: [2, 3]\nnames:\n  0: cat\n"
    dataset, found = read(one(tmp_path / "y", text, yaml))
    assert dataset.task == "keypoints"
    assert found.keypoints is not None
    assert found.keypoints.visible.tolist() == [visible]
    assert found.keypoints.xy[0, 0].tolist() == [10, 5]
    assert found.keypoints.skeleton.names == ("point_0", "point_1")


def test_keypoints_of_two_numbers_and_their_names(tmp_path: Path) -> None:
    yaml = "train: images\nkpt_shape: [2, 2]\nkpt_names:\n  0: [nose, tail]\nnames:\n  0: cat\n"
    _, found = read(one(tmp_path / "y", "0 0.5 0.5 1 1 0.5 0.5 0 0\n", yaml))
    assert found.keypoints is not None
    assert found.keypoints.visible.tolist() == [[True, False]]
    assert found.keypoints.skeleton.names == ("nose", "tail")


PROBLEMS = [
    ("7 0.5 0.5 0.5 0.5", "class 7 is none of the 2"),
    ("0.5 0.5 0.5 0.5 0.5", "class 0.5 is none"),
    ("0 0.5 0.5 0.5", "expected 4 numbers"),
    ("0 0.1 0.2 0.5 0.2 0.5 0.8 0.1", "expected 4 numbers"),
    ("0 a b c d", "expected numbers"),
    ("nan 0.5 0.5 0.5 0.5", "class nan"),
    ("0 0.5 0.5 0 0.5", "has no area"),
    ("0 nan 0.5 0.5 0.5", "not made of numbers"),
    ("0 0.1 0.2 inf 0.2 0.5 0.8", "not made of numbers"),
    ("0 0.5 0.5 0.5 0.5 nan", "not made of numbers"),
    ("0 1.5 0.5 0.5 0.5", "outside the image"),
]


@pytest.mark.parametrize(("line", "said"), PROBLEMS, ids=[line for line, _ in PROBLEMS])
def test_a_bad_line_is_reported_by_number_and_the_others_stay(line: str, said: str, tmp_path: Path) -> None:
    dataset, found = read(one(tmp_path / "y", f"0 0.5 0.5 0.5 0.5\n{line}\n"))
    assert len(found) == 1
    (problem,) = dataset.info["problems"]
    assert problem.startswith("a.txt, line 2")
    assert said in problem


def test_a_label_file_of_other_bytes_is_reported(tmp_path: Path) -> None:
    folder = one(tmp_path / "y", "")
    (folder / "labels" / "a.txt").write_bytes(b"\xff\xfe\x00")
    dataset, _ = read(folder)
    assert not dataset.samples[0].seen
    assert "a.txt: is no text" in dataset.info["problems"][0]


def test_a_text_file_without_its_image_is_reported(tmp_path: Path) -> None:
    folder = one(tmp_path / "y", "0 0.5 0.5 0.5 0.5")
    (folder / "labels" / "b.txt").write_text("0 0.5 0.5 0.5 0.5\n\n0 0.1 0.1 0.1 0.1\n", encoding="utf-8")
    dataset, _ = read(folder)
    assert dataset.info["problems"] == ["b.txt: there is no image for it. Its 2 objects are left out."]


def test_no_text_file_means_nothing_is_there_and_is_said(tmp_path: Path) -> None:
    dataset, found = read(one(tmp_path / "y", None))
    assert dataset.samples[0].seen
    assert len(found) == 0
    assert "1 images have no label file" in dataset.info["notes"][0]


LAYOUTS = {
    "folders by split": ("train: images/train\nval: images/val\n", "images/train", "images/val"),
    "a path in between": ("path: .\ntrain: images/train\nval: images/val\n", "images/train", "images/val"),
    "split first": ("train: train/images\nval: valid/images\n", "train/images", "valid/images"),
    "one step too high": ("train: ../train/images\nval: ../valid/images\n", "train/images", "valid/images"),
    "a list of folders": ("train: [images/train]\nval: [images/val]\n", "images/train", "images/val"),
    "nothing named is there": ("train: images/gone\n", "images/train", "images/valid"),
}


@pytest.mark.parametrize(("yaml", "train", "val"), LAYOUTS.values(), ids=LAYOUTS.keys())
def test_layouts_give_splits(yaml: str, train: str, val: str, tmp_path: Path) -> None:
    folder = tmp_path / "y"
    put(folder, train, "a", "0 0.5 0.5 0.5 0.5")
    put(folder, val, "b", "1 0.5 0.5 0.5 0.5")
    (folder / "data.yaml").write_text(f"{yaml}names:\n  0: cat\n  1: dog\n", encoding="utf-8")
    dataset = YOLO.read(folder, tmp_path / "ours")
    assert [(s.file, s.split) for s in dataset] == [("images/a.png", "train"), ("images/b.png", "val")]
    assert all(len(s.detections(dataset.classes)) == 1 for s in dataset)


def test_lists_of_images(tmp_path: Path) -> None:
    folder = tmp_path / "y"
    put(folder, "images", "a", "0 0.5 0.5 0.5 0.5")
    put(folder, "images", "b", "0 0.5 0.5 0.5 0.5")
    (folder / "val.txt").write_text("./images/b.png\n./images/gone.png\n", encoding="utf-8")
    (folder / "data.yaml").write_text("val: val.txt\nnames: [cat]\n", encoding="utf-8")
    dataset = YOLO.read(folder, tmp_path / "ours")
    assert [(s.file, s.split) for s in dataset] == [("images/b.png", "val")]
    assert "gone.png" in dataset.info["problems"][0]


def test_equal_names_in_two_splits_stay_two(tmp_path: Path) -> None:
    folder = tmp_path / "y"
    put(folder, "images/train", "a", "")
    put(folder, "images/val", "a", "")
    Pillow.new("RGB", (20, 10), (200, 0, 0)).save(folder / "images/val/a.png")
    (folder / "data.yaml").write_text("train: images/train\nval: images/val\nnames: [cat]\n", encoding="utf-8")
    assert len({s.file for s in YOLO.read(folder, tmp_path / "ours")}) == 2


def test_ids_with_gaps_and_names_that_come_twice(tmp_path: Path) -> None:
    yaml = "train: images\nnames:\n  5: cat\n  2: dog\n  9: cat\n"
    dataset, found = read(one(tmp_path / "y", "5 0.5 0.5 0.5 0.5\n9 0.5 0.5 0.5 0.5\n2 0.5 0.5 0.5 0.5", yaml))
    assert dataset.classes == ("dog", "cat")
    assert found.names == ["cat", "cat", "dog"]
    assert "several ids" in dataset.info["notes"][0]


def test_classes_txt_in_place_of_yaml(tmp_path: Path) -> None:
    folder = tmp_path / "y"
    put(folder, "images", "a", "1 0.5 0.5 0.5 0.5")
    (folder / "classes.txt").write_text("cat\ndog\n", encoding="utf-8")
    _, found = read(folder)
    assert found.names == ["dog"]


@pytest.mark.parametrize(
    ("yaml", "error"),
    [
        ("names: [", Unreadable),
        ("names:\n", DatasetError),
        ("names:\n  cat: 0\n", DatasetError),
        ("nc: 3\n", NotFound),
    ],
)
def test_a_bad_yaml_is_refused(yaml: str, error: type[OcellaError], tmp_path: Path) -> None:
    with pytest.raises(error):
        read(one(tmp_path / "y", "", yaml))


def ours(root: Path, *found: Detections, skeleton: Skeleton | None = None) -> Dataset:
    samples = []
    for i, value in enumerate(found):
        file = root / "images" / f"{i}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Pillow.new("RGB", (20, 10), (i, 0, 0)).save(file)
        state: State = "accepted"
        label = Annotation(value, Source("person", "ana"), (state,) * len(value))
        samples.append(Sample(f"images/{i}.png", (10, 20), split="train", annotations=(label,)))
    return Dataset(root, "keypoints" if skeleton else "detect", CLASSES, tuple(samples), skeleton)


BOXES = np.array([[0, 0, 20, 10], [2, 3, 8, 9]], np.float32)


def boxes(n: int = 2, masks: Masks | None = None, keypoints: Keypoints | None = None) -> Detections:
    return Detections(BOXES[:n], np.ones(n, np.float32), np.arange(n), CLASSES, masks, keypoints)


def test_a_mask_on_some_objects_only_is_lost_and_said(tmp_path: Path) -> None:
    dataset = ours(tmp_path / "o", boxes(1, Masks.from_dense(np.ones((1, 10, 20), bool))), boxes(2))
    assert any("not every object has one" in s for s in YOLO.losses(dataset))
    YOLO.write(dataset, tmp_path / "y")
    back = YOLO.read(tmp_path / "y", tmp_path / "back")
    assert [d.masks for s in back for d in s.labels(Detections)] == [None, None]


def test_a_hole_is_said_and_kept_for_ourselves(tmp_path: Path) -> None:
    ring = np.ones((1, 10, 20), bool)
    ring[0, 3:6, 5:9] = False
    dataset = ours(tmp_path / "o", boxes(1, Masks.from_dense(ring)))
    assert any("1 masks with holes" in s for s in YOLO.losses(dataset))
    YOLO.write(dataset, tmp_path / "y")
    _, found = read(tmp_path / "y")
    assert found.masks is not None
    np.testing.assert_array_equal(found.masks.dense(), ring)


def test_keypoints_come_back_but_for_the_hidden(tmp_path: Path) -> None:
    skeleton = Skeleton(("nose", "tail"), ((0, 1),))
    points = Keypoints(
        np.full((1, 2, 2), 3, np.float32), np.ones((1, 2), np.float32), np.array([[True, False]]), skeleton
    )
    dataset = ours(tmp_path / "o", boxes(1, keypoints=points), skeleton=skeleton)
    assert any("1 keypoints that are not visible" in s for s in YOLO.losses(dataset))
    YOLO.write(dataset, tmp_path / "y")
    back, found = read(tmp_path / "y")
    assert back.skeleton == Skeleton(("nose", "tail"))
    assert found.keypoints is not None
    assert found.keypoints.visible.tolist() == [[True, False]]
    np.testing.assert_allclose(found.keypoints.xy[0, 0], [3, 3], atol=1e-5)


def test_unseen_images_never_become_empty_ones(tmp_path: Path) -> None:
    dataset = ours(tmp_path / "o", boxes(1), boxes(0), boxes(1))
    dataset = dataset.replace(samples=(*dataset.samples[:2], dataset.samples[2].replace(annotations=())))
    assert any("1 images that nobody looked at" in s for s in YOLO.losses(dataset))
    YOLO.write(dataset, tmp_path / "y")
    assert [p.name for p in (tmp_path / "y" / "images" / "unlabelled").iterdir()] == ["2.png"]
    back = YOLO.read(tmp_path / "y", tmp_path / "back")
    assert [s.seen for s in back] == [True, True, False]
    assert [len(s.detections(CLASSES)) for s in back] == [1, 0, 0]


def test_images_between_the_splits_are_given_to_none(tmp_path: Path) -> None:
    dataset = ours(tmp_path / "o", boxes(1), boxes(1))
    dataset = dataset.replace(samples=(dataset.samples[0], dataset.samples[1].replace(split="")))
    YOLO.write(dataset, tmp_path / "y")
    back = YOLO.read(tmp_path / "y", tmp_path / "back")
    assert [s.split for s in back] == ["train", ""]


def test_supervision_reads_the_same_boxes(tmp_path: Path) -> None:
    import supervision as sv

    YOLO.write(ours(tmp_path / "o", boxes(2)), tmp_path / "y")
    folder = tmp_path / "y"
    referee = sv.DetectionDataset.from_yolo(
        str(folder / "images/train"), str(folder / "labels/train"), str(folder / "data.yaml")
    )
    (found,) = referee.annotations.values()
    assert list(referee.classes) == list(CLASSES)
    assert found.class_id.tolist() == [0, 1]
    np.testing.assert_allclose(found.xyxy, BOXES, atol=1e-4)
