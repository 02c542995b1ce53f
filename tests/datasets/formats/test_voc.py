from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from ocella.datasets import Dataset, Sample
from ocella.datasets.formats.voc import Voc
from ocella.types import Annotation, Detections, Masks, Source, State

VOC = Voc()
CLASSES = ("dog", "cat")


def box(x1: float, y1: float, x2: float, y2: float) -> str:
    return f"<bndbox><xmin>{x1}</xmin><ymin>{y1}</ymin><xmax>{x2}</xmax><ymax>{y2}</ymax></bndbox>"


def put(
    folder: Path, stem: str, *objects: str, database: str = "Unknown", size: tuple[int, int] = (20, 10), at: str = ""
) -> Path:
    """An image of 20 x 10 and its XML file."""
    labels, images = (folder / at, folder / at) if at else (folder / "Annotations", folder / "JPEGImages")
    for d in (labels, images):
        d.mkdir(parents=True, exist_ok=True)
    Pillow.new("RGB", (20, 10), (len(stem), 0, 0)).save(images / f"{stem}.png")
    text = (
        f"<annotation><filename>{stem}.png</filename><source><database>{database}</database></source>"
        f"<size><width>{size[0]}</width><height>{size[1]}</height></size>"
        + "".join(f"<object>{o}</object>" for o in objects)
        + "</annotation>"
    )
    (labels / f"{stem}.xml").write_text(text, encoding="utf-8")
    return folder


def read(folder: Path, listed: Path | None = None) -> tuple[Dataset, Detections]:
    dataset = VOC.read(folder, folder.parent / "ours", listed=listed)
    return dataset, dataset.samples[0].detections(dataset.classes)


@pytest.mark.parametrize(
    ("database", "corners", "expected"),
    [
        ("Unknown", (1, 1, 20, 10), [1, 1, 20, 10]),
        ("", (0, 0, 20, 10), [0, 0, 20, 10]),
        ("The VOC2007 Database", (1, 1, 20, 10), [0, 0, 20, 10]),
        ("The VOC2007 Database", (0, 0, 20, 10), [0, 0, 20, 10]),
        ("Unknown", (1.5, 2.25, 3.5, 4), [1.5, 2.25, 3.5, 4]),
    ],
)
def test_corners_by_who_wrote_them(
    database: str, corners: tuple[float, float, float, float], expected: list[float], tmp_path: Path
) -> None:
    dataset, found = read(put(tmp_path / "v", "a", f"<name>cat</name>{box(*corners)}", database=database))
    assert found.xyxy.tolist() == [expected]
    assert "counted from" in dataset.info["notes"][0]


def test_flags_are_columns_where_any_is_set(tmp_path: Path) -> None:
    flagged = f"<name>cat</name><difficult>1</difficult><truncated>0</truncated>{box(1, 1, 5, 5)}"
    _, found = read(put(tmp_path / "v", "a", flagged, f"<name>dog</name>{box(1, 1, 6, 6)}"))
    assert {k: v.tolist() for k, v in found.data.items()} == {"difficult": [1, 0]}
    assert found.names == ["cat", "dog"]


PROBLEMS = [
    (f"<name>cat</name>{box(5, 5, 5, 5)}", "has no area"),
    (f"<name>cat</name>{box(9, 5, 5, 8)}", "has no area"),
    (f"<name>cat</name>{box(25, 5, 28, 8)}", "outside the image"),
    ("<name>cat</name>", "no bndbox"),
    ("<name>cat</name><bndbox><xmin>x</xmin></bndbox>", "no bndbox"),
    (box(1, 1, 5, 5), "has no name"),
    (f"<name>cat</name>{box(float('nan'), 5, 8, 8)}", "not made of numbers"),
]


@pytest.mark.parametrize(("text", "said"), PROBLEMS, ids=[s for _, s in PROBLEMS])
def test_a_bad_object_is_reported_by_file_and_the_others_stay(text: str, said: str, tmp_path: Path) -> None:
    dataset, found = read(put(tmp_path / "v", "a", f"<name>dog</name>{box(1, 1, 5, 5)}", text))
    assert found.names == ["dog"]
    (problem,) = dataset.info["problems"]
    assert problem.startswith("a.xml, object 2")
    assert said in problem


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<annotation><object>", "is no XML"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><annotation></annotation>', "DOCTYPE"),
    ],
)
def test_a_bad_file_is_reported_and_its_image_was_not_looked_at(text: str, said: str, tmp_path: Path) -> None:
    folder = put(tmp_path / "v", "a", f"<name>dog</name>{box(1, 1, 5, 5)}")
    put(folder, "b")
    (folder / "Annotations" / "b.xml").write_text(text, encoding="utf-8")
    dataset, _ = read(folder)
    assert [s.seen for s in dataset] == [True, False]
    assert said in dataset.info["problems"][0]


def test_labels_for_another_size_are_left_out(tmp_path: Path) -> None:
    folder = put(tmp_path / "v", "a")
    put(folder, "turned", size=(10, 20))
    put(folder, "unsaid", size=(0, 0))
    dataset, _ = read(folder)
    assert [s.file for s in dataset] == ["images/a.png", "images/unsaid.png"]
    assert "turned.xml: says 10 x 20" in dataset.info["problems"][0]


def test_an_xml_file_without_its_image_is_reported(tmp_path: Path) -> None:
    folder = put(put(tmp_path / "v", "a"), "b")
    (folder / "JPEGImages" / "b.png").unlink()
    dataset, _ = read(folder)
    assert len(dataset) == 1
    assert "there is no image b.*" in dataset.info["problems"][0]


@pytest.mark.parametrize("place", ["ImageSets/Main", "."])
def test_lists_give_the_splits(place: str, tmp_path: Path) -> None:
    folder = tmp_path / "v"
    for stem in "abcd":
        put(folder, stem)
    (folder / place).mkdir(parents=True, exist_ok=True)
    (folder / place / "train.txt").write_text("a\nb 1\n", encoding="utf-8")
    (folder / place / "val.txt").write_text("JPEGImages/c.png\nb\nz\n", encoding="utf-8")
    dataset, _ = read(folder)
    assert [s.split for s in dataset] == ["train", "val", "val", ""]
    said = " ".join(dataset.info["problems"])
    assert "b is listed for val and for train. Kept for val." in said
    assert "names z, but there is no such image" in said


def test_one_list_takes_only_what_it_names(tmp_path: Path) -> None:
    folder = tmp_path / "v"
    for stem in "abc":
        put(folder, stem)
    (folder / "val.txt").write_text("c\n", encoding="utf-8")
    dataset, _ = read(folder, listed=folder / "val.txt")
    assert [(s.file, s.split) for s in dataset] == [("images/c.png", "val")]


def test_xml_beside_images_in_split_folders(tmp_path: Path) -> None:
    folder = tmp_path / "v"
    put(folder, "a", f"<name>dog</name>{box(1, 1, 5, 5)}", at="train")
    put(folder, "b", f"<name>cat</name>{box(1, 1, 5, 5)}", at="valid")
    dataset, _ = read(folder)
    assert [s.split for s in dataset] == ["train", "val"]
    assert dataset.classes == ("cat", "dog")


def ours(root: Path, found: Detections) -> Dataset:
    (root / "images").mkdir(parents=True)
    Pillow.new("RGB", (20, 10)).save(root / "images" / "a.png")
    state: State = "accepted"
    label = Annotation(found, Source("person", "ana"), (state,) * len(found))
    return Dataset(root, "detect", CLASSES, (Sample("images/a.png", (10, 20), "", "val", annotations=(label,)),))


def test_flags_and_class_order_come_back(tmp_path: Path) -> None:
    flags = {"difficult": np.array([1, 0]), "truncated": np.array([0, 1])}
    boxes = np.array([[0, 0, 20, 10], [3, 4, 4, 5]], np.float32)
    dataset = ours(tmp_path / "o", Detections(boxes, np.ones(2, np.float32), np.array([0, 1]), CLASSES, data=flags))
    assert VOC.losses(dataset) == []
    VOC.write(dataset, tmp_path / "v")
    back, found = read(tmp_path / "v")
    assert back.classes == CLASSES
    assert found == dataset.samples[0].detections(CLASSES)


def test_losses_are_the_real_ones(tmp_path: Path) -> None:
    boxes = np.array([[0.5, 0, 20, 10], [15, 5, 25, 9], [30, 1, 31, 2]], np.float32)
    found = Detections(
        boxes,
        np.array([0.5, 1, 1], np.float32),
        np.array([0, 1, 1]),
        CLASSES,
        Masks.from_dense(np.ones((3, 10, 20), bool)),
        data={"prompt": np.array(["x", "y", "z"])},
    )
    dataset = ours(tmp_path / "o", found)
    said = VOC.losses(dataset)
    for words in ("Confidences", "Masks", "rounded", "2 boxes reach over", "1 boxes without area", "columns", "prompt"):
        assert any(words in s for s in said), words
    VOC.write(dataset, tmp_path / "v")
    _, back = read(tmp_path / "v")
    assert back.xyxy.tolist() == [[0, 0, 20, 10], [15, 5, 20, 9]]
    assert back.masks is None


def test_supervision_reads_the_same_classes_and_corners(tmp_path: Path) -> None:
    import supervision as sv

    boxes = np.array([[0, 0, 20, 10], [3, 4, 9, 8]], np.float32)
    VOC.write(
        ours(tmp_path / "o", Detections(boxes, np.ones(2, np.float32), np.array([0, 1]), CLASSES)), tmp_path / "v"
    )
    referee = sv.DetectionDataset.from_pascal_voc(str(tmp_path / "v/JPEGImages"), str(tmp_path / "v/Annotations"))
    (found,) = referee.annotations.values()
    assert [referee.classes[i] for i in found.class_id] == ["dog", "cat"]
    np.testing.assert_allclose(found.xyxy, boxes, atol=1)  # it takes 1 off xmax and ymax as well
