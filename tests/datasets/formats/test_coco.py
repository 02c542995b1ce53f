import contextlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from ocella.datasets import Dataset, Sample
from ocella.datasets.formats.coco import Coco
from ocella.errors import DatasetError, NotFound, Unreadable
from ocella.types import Annotation, Detections, Keypoints, Masks, Skeleton, Source

COCO = Coco()
CATEGORIES = [{"id": 7, "name": "dog"}, {"id": 3, "name": "cat"}]
PERSON = Source("person", "ana")


def put(folder: Path, *rows: dict[str, Any], size_hw: tuple[int, int] = (10, 20), **body: Any) -> Path:
    """A COCO folder with one image a.png and the annotations given."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    Pillow.new("RGB", (20, 10)).save(folder / "images" / "a.png")
    image = {"id": 5, "file_name": "a.png", "height": size_hw[0], "width": size_hw[1]}
    full = [{"id": i, "image_id": 5, "category_id": 7, "bbox": [1, 2, 3, 4], **r} for i, r in enumerate(rows, 1)]
    data = {"images": [image], "annotations": full, "categories": CATEGORIES, **body}
    (folder / "annotations").mkdir(exist_ok=True)
    (folder / "annotations" / "instances_val2017.json").write_text(json.dumps(data), encoding="utf-8")
    return folder


def read(folder: Path) -> tuple[Dataset, list[Detections]]:
    dataset = COCO.read(folder, folder.parent / "ours")
    return dataset, dataset.samples[0].labels(Detections)


def test_ids_with_gaps_go_by_name(tmp_path: Path) -> None:
    dataset, (found,) = read(put(tmp_path / "c", {}, {"category_id": 3}))
    assert dataset.classes == ("cat", "dog")
    assert found.names == ["dog", "cat"]
    assert found.xyxy.tolist() == [[1, 2, 4, 6]] * 2
    assert dataset.samples[0].split == "val"
    assert dataset.samples[0].annotations[0].source.name == "import"
    assert set(dataset.samples[0].annotations[0].state) == {"accepted"}


def test_a_name_under_two_ids_is_one_class(tmp_path: Path) -> None:
    twice = [{"id": 0, "name": "cat"}, {"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]
    dataset, (found,) = read(put(tmp_path / "c", {"category_id": 0}, {"category_id": 1}, categories=twice))
    assert dataset.classes == ("cat", "dog")
    assert found.names == ["cat", "cat"]
    assert "several ids" in dataset.info["notes"][0]


MASK = np.zeros((10, 20), bool)
MASK[2:6, 1:4] = True
RUNS = Masks.from_dense(MASK[None]).run(0).tolist()


def packed(mask: Any) -> str:
    from pycocotools import mask as referee

    return str(referee.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"].decode())


@pytest.mark.parametrize(
    "segmentation",
    [
        [[1, 2, 4, 2, 4, 6, 1, 6]],
        [[1, 2, 4, 2, 4, 4, 1, 4], [1, 4, 4, 4, 4, 6, 1, 6]],
        {"size": [10, 20], "counts": RUNS},
        {"size": [10, 20], "counts": packed(MASK)},
    ],
    ids=["polygon", "two polygons", "run lengths", "packed run lengths"],
)
def test_masks_in_every_form(segmentation: Any, tmp_path: Path) -> None:
    _, (found,) = read(put(tmp_path / "c", {"segmentation": segmentation}))
    assert found.masks is not None
    np.testing.assert_array_equal(found.masks.dense()[0], MASK)


@pytest.mark.parametrize("seed", range(20))
def test_packed_run_lengths_as_pycocotools_packs_them(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    mask = rng.random((10, 20)) > rng.random()
    mask[0, 0] = True
    _, (found,) = read(put(tmp_path / "c", {"segmentation": {"size": [10, 20], "counts": packed(mask)}}))
    assert found.masks is not None
    np.testing.assert_array_equal(found.masks.dense()[0], mask)


def test_a_missing_box_comes_from_the_mask(tmp_path: Path) -> None:
    _, (found,) = read(put(tmp_path / "c", {"bbox": None, "segmentation": {"size": [10, 20], "counts": RUNS}}))
    assert found.xyxy.tolist() == [[1, 2, 4, 6]]


def test_objects_with_and_without_mask_are_kept_apart(tmp_path: Path) -> None:
    folder = put(tmp_path / "c", {}, {"segmentation": {"size": [10, 20], "counts": RUNS}}, {"segmentation": []})
    dataset, found = read(folder)
    assert [(len(d), d.masks is None) for d in found] == [(2, True), (1, False)]
    dataset.save()
    assert Dataset.open(dataset.root) == dataset


def test_crowds_and_attributes_are_columns(tmp_path: Path) -> None:
    _, (found,) = read(put(tmp_path / "c", {"iscrowd": 1, "attributes": {"colour": "red"}}, {"attributes": {"x": 1}}))
    assert found.data["iscrowd"].tolist() == [1, 0]
    assert set(found.data) == {"iscrowd"}, "a column that some objects lack is no column"


def test_keypoints_keep_names_edges_and_places(tmp_path: Path) -> None:
    category = {"id": 7, "name": "dog", "keypoints": ["nose", "tail"], "skeleton": [[1, 2]]}
    dataset, (found,) = read(put(tmp_path / "c", {"keypoints": [1, 2, 2, 0, 0, 0]}, categories=[category]))
    assert dataset.task == "keypoints"
    assert dataset.skeleton == Skeleton(("nose", "tail"), ((0, 1),))
    assert found.keypoints is not None
    assert found.keypoints.visible.tolist() == [[True, False]]
    assert found.keypoints.xy[0, 0].tolist() == [1, 2]


@pytest.mark.parametrize("points", [[1, 2, 2], [1, 2, 2, 0, float("nan"), 0], [1, 2, 2, 0, 0, "x"]])
def test_bad_keypoints_are_reported(points: list[Any], tmp_path: Path) -> None:
    category = {"id": 7, "name": "dog", "keypoints": ["nose", "tail"]}
    dataset, _ = read(put(tmp_path / "c", {"keypoints": points}, categories=[category]))
    assert dataset.info["problems"][0].startswith("instances_val2017.json, object 1 of a.png")


PROBLEMS: list[tuple[dict[str, Any], str]] = [
    ({"bbox": [3, 3, 0, 4]}, "has no area"),
    ({"bbox": [3, 3, -2, 4]}, "has no area"),
    ({"bbox": [30, 3, 2, 4]}, "outside the image"),
    ({"bbox": None}, "not made of numbers"),
    ({"bbox": [1, 2]}, "cannot be understood"),
    ({"bbox": "x"}, "cannot be understood"),
    ({"category_id": 99}, "category 99 is not listed"),
    ({"segmentation": {"size": [3, 3], "counts": [9]}}, "cannot be understood"),
    ({"segmentation": {"size": [10, 20], "counts": [9]}}, "cannot be understood"),
    ({"score": float("nan")}, "not made of numbers"),
    ({"score": "high"}, "cannot be understood"),
    ({"track_id": "x"}, "cannot be understood"),
    ({"segmentation": [[1, 2, float("inf"), 4, 5, 6]]}, "cannot be understood"),
    ({"segmentation": "what"}, "cannot be understood"),
    ({"segmentation": {"size": [10, 20], "counts": "ä"}}, "cannot be understood"),
    ({"image_id": 404}, "images that it does not list"),
]


@pytest.mark.parametrize(("row", "said"), PROBLEMS, ids=[str(r) for r, _ in PROBLEMS])
def test_a_bad_object_is_reported_and_the_others_stay(row: dict[str, Any], said: str, tmp_path: Path) -> None:
    dataset, (found,) = read(put(tmp_path / "c", {}, row))
    assert len(found) == 1
    (problem,) = dataset.info["problems"]
    assert said in problem
    assert "instances_val2017.json" in problem


def test_a_box_over_the_edge_is_cut_and_reported(tmp_path: Path) -> None:
    dataset, (found,) = read(put(tmp_path / "c", {"bbox": [15, 5, 10, 10]}))
    assert found.xyxy.tolist() == [[15, 5, 20, 10]]
    assert "over the edge" in dataset.info["problems"][0]


@pytest.mark.parametrize(
    ("image", "said"),
    [
        ({"file_name": "gone.png", "height": 10, "width": 20}, "gone.png: no such image"),
        ({"file_name": "a.png", "height": 20, "width": 10}, "a.png: the file says 10 x 20"),
        ({"file_name": "broken.png"}, "broken.png"),
    ],
)
def test_a_bad_image_is_reported_by_name_and_the_others_stay(image: dict[str, Any], said: str, tmp_path: Path) -> None:
    good = {"id": 1, "file_name": "good.png", "height": 10, "width": 20}
    folder = put(tmp_path / "c", {"image_id": 1}, {"image_id": 2}, images=[good, {"id": 2, **image}])
    Pillow.new("RGB", (20, 10)).save(folder / "images" / "good.png")
    (folder / "images" / "broken.png").write_bytes(b"\x89PNG but no more")
    dataset, _ = read(folder)
    assert [s.file for s in dataset] == ["images/good.png"]
    assert any(said in p for p in dataset.info["problems"])


@pytest.mark.parametrize("name", ["../secret.png", "..\\secret.png", "/secret.png"])
def test_a_name_cannot_reach_out_of_the_data_set(name: str, tmp_path: Path) -> None:
    Pillow.new("RGB", (20, 10)).save(tmp_path / "secret.png")
    good = {"id": 1, "file_name": "a.png"}
    folder = put(tmp_path / "c", {"image_id": 1}, images=[good, {"id": 2, "file_name": name}])
    dataset, _ = read(folder)
    assert [s.file for s in dataset] == ["images/a.png"]


@pytest.mark.parametrize(
    "layout",
    ["train/_annotations.coco.json", "annotations/instances_train.json", "annotations/instances_train2017.json"],
)
def test_the_usual_places_give_the_split(layout: str, tmp_path: Path) -> None:
    body = {"images": [{"id": 1, "file_name": "a.png"}], "annotations": [], "categories": CATEGORIES}
    file = tmp_path / "c" / layout
    images = file.parent if layout.startswith("train/") else tmp_path / "c" / "train2017"
    for folder in (file.parent, images):
        folder.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(body), encoding="utf-8")
    Pillow.new("RGB", (20, 10)).save(images / "a.png")
    (sample,) = COCO.read(tmp_path / "c", tmp_path / "ours")
    assert sample.split == "train"
    assert sample.seen, "an image that COCO lists without objects was looked at"


def test_objects_are_taken_before_captions(tmp_path: Path) -> None:
    folder = put(tmp_path / "c", {})
    other = {"images": [], "annotations": [{"caption": "a dog"}], "categories": []}
    (folder / "annotations" / "captions_val2017.json").write_text(json.dumps(other), encoding="utf-8")
    dataset, (found,) = read(folder)
    assert len(found) == 1
    assert "problems" not in dataset.info


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('{"images": [], "annotations": [], "categories"', Unreadable),
        ('{"images": {}, "annotations": [], "categories": []}', DatasetError),
        ('{"images": [], "annotations": [], "categories": [{"id": 1}]}', DatasetError),
        ('{"images": [], "annotations": [], "categories": []}', DatasetError),
        ('{"images": [3], "annotations": [], "categories": []}', DatasetError),
        ('{"images": [], "annotations": [{"image_id": []}], "categories": []}', DatasetError),
        ('{"other": 1}', NotFound),
    ],
)
def test_a_broken_file_is_refused(text: str, error: type[Exception], tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(text, encoding="utf-8")
    with pytest.raises(error):
        COCO.read(tmp_path / "x.json", tmp_path / "ours")


def rich(root: Path) -> Dataset:
    """Two images with masks, keypoints, columns and a rejected row of a model."""
    for name in ("a.png", "b.png"):
        (root / "images").mkdir(parents=True, exist_ok=True)
        Pillow.new("RGB", (20, 10)).save(root / "images" / name)
    skeleton = Skeleton(("nose", "tail"), ((0, 1),))
    dense = np.random.default_rng(0).random((2, 10, 20)) > 0.5
    points = Keypoints(
        np.full((2, 2, 2), 3.5, np.float32), np.ones((2, 2), np.float32), np.array([[True, False]] * 2), skeleton
    )
    boxes = np.array([[0.25, 0, 20, 10], [1, 2, 3, 4]], np.float32)
    value = Detections(
        boxes, np.array([0.5, 1], np.float32), np.array([1, 0]), ("cat", "dog"), Masks.from_dense(dense), points
    )
    label = Annotation(value, Source("model", "m"), ("accepted", "rejected"), ("", "nested"))
    samples = (
        Sample("images/a.png", (10, 20), split="train", annotations=(label,)),
        Sample("images/b.png", (10, 20), split="val"),
    )
    return Dataset(root, "keypoints", ("cat", "dog"), samples, skeleton)


def test_what_comes_back_is_what_the_losses_leave(tmp_path: Path) -> None:
    dataset = rich(tmp_path / "ours")
    said = " ".join(COCO.losses(dataset))
    for word in ("Which model", "1 rejected", "1 images that nobody looked at"):
        assert word in said
    COCO.write(dataset, tmp_path / "coco")
    back = COCO.read(tmp_path / "coco", tmp_path / "back")
    assert [s.split for s in back] == ["train", "val"]
    assert [s.seen for s in back] == [True, False]
    (was,), (now,) = dataset.samples[0].labels(Detections), back.samples[0].labels(Detections)
    assert now == was


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of pycocotools itself
def test_pycocotools_reads_the_same_boxes_and_masks(tmp_path: Path) -> None:
    from pycocotools import coco

    dataset = rich(tmp_path / "ours")
    COCO.write(dataset, tmp_path / "coco")
    with contextlib.redirect_stdout(io.StringIO()):
        referee = coco.COCO(str(tmp_path / "coco" / "annotations" / "instances_train.json"))
    (row,) = referee.loadAnns(referee.getAnnIds())
    assert row["bbox"] == [0.25, 0, 19.75, 10]
    assert referee.cats[row["category_id"]]["name"] == "dog"
    (kept,) = dataset.samples[0].labels(Detections)
    assert kept.masks is not None
    np.testing.assert_array_equal(referee.annToMask(row).astype(bool), kept.masks.dense()[0])
    assert row["area"] == kept.masks.area[0]


def test_supervision_reads_the_same_boxes(tmp_path: Path) -> None:
    import supervision as sv

    dataset = rich(tmp_path / "ours")
    COCO.write(dataset, tmp_path / "coco")
    file = tmp_path / "coco" / "annotations" / "instances_train.json"
    referee = sv.DetectionDataset.from_coco(str(tmp_path / "coco" / "images"), str(file))
    (found,) = referee.annotations.values()
    assert [referee.classes[i] for i in found.class_id] == ["dog"]
    np.testing.assert_allclose(found.xyxy, [[0.25, 0, 20, 10]])
