import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from ocella.datasets import Dataset, Sample
from ocella.datasets.convert import export_dataset, import_dataset
from ocella.errors import InvalidValue, NotFound, Refused
from ocella.types import Annotation, Classification, Detections, Source

SHARED = Path(__file__).parents[3] / "shared" / "data"
real = pytest.mark.skipif(not SHARED.is_dir(), reason="needs the photographs of ../shared/data beside the repository")


def folders(root: Path) -> Path:
    for i, name in enumerate(("cat/1.png", "dog/2.png", "dog/3.png")):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Pillow.new("RGB", (6, 4), (i, 0, 0)).save(root / name)
    return root


def ours(root: Path) -> Dataset:
    (root / "images").mkdir(parents=True)
    Pillow.new("RGB", (20, 10)).save(root / "images" / "a.png")
    boxes = Detections(np.array([[1, 2, 5, 6]], np.float32), np.array([0.5], np.float32), np.array([1]), ("cat", "dog"))
    label = Annotation(boxes, Source("model", "m"), ("accepted",))
    dataset = Dataset(root, "detect", ("cat", "dog"), (Sample("images/a.png", (10, 20), annotations=(label,)),))
    dataset.save()
    return dataset


def test_the_format_is_found_and_the_set_is_saved(tmp_path: Path) -> None:
    dataset = import_dataset(folders(tmp_path / "f"), tmp_path / "out")
    assert Dataset.open(tmp_path / "out") == dataset
    assert dataset.info == {"imported": "class-folders"}
    assert len(dataset) == 3


def test_a_list_and_a_split(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("2\n3.png\n", encoding="utf-8")
    dataset = import_dataset(folders(tmp_path / "f"), tmp_path / "out", listed=tmp_path / "mine.txt", split="test")
    assert [(Path(s.file).name, s.split) for s in dataset] == [("2.png", "test"), ("3.png", "test")]


def test_what_is_no_data_set_is_refused_with_what_was_tried(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nothing at"):
        import_dataset(tmp_path / "gone", tmp_path / "out")
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    with pytest.raises(InvalidValue, match=r"tried class-folders, coco, voc, yolo; it holds: notes\.txt"):
        import_dataset(tmp_path, tmp_path / "out")
    with pytest.raises(InvalidValue, match="a file"):
        import_dataset(tmp_path / "notes.txt", tmp_path / "out")
    with pytest.raises(NotFound, match="Did you mean 'yolo'"):
        import_dataset(tmp_path, tmp_path / "out", format="yol")
    with pytest.raises(NotFound, match="folder of images"):
        import_dataset(folders(tmp_path / "f"), tmp_path / "out", images=tmp_path / "gone")
    assert not (tmp_path / "out").exists()


def test_our_own_data_set_is_opened_not_imported(tmp_path: Path) -> None:
    ours(tmp_path / "o")
    for path in (tmp_path / "o", tmp_path / "o" / "annotations.json"):
        with pytest.raises(InvalidValue, match="open it, or export it"):
            import_dataset(path, tmp_path / "out")


def test_an_import_writes_over_nothing(tmp_path: Path) -> None:
    dataset = ours(tmp_path / "o")
    with pytest.raises(Refused, match="already holds"):
        import_dataset(folders(tmp_path / "f"), tmp_path / "o")
    assert Dataset.open(tmp_path / "o") == dataset


def test_losses_are_given_back_or_refused_before_writing(tmp_path: Path) -> None:
    dataset = ours(tmp_path / "o")
    with pytest.raises(Refused, match="Confidences are left out"):
        export_dataset(dataset, tmp_path / "y", "yolo", accept_losses=False)
    assert not (tmp_path / "y").exists()
    losses = export_dataset(dataset, tmp_path / "y", "yolo")
    assert any("Confidences" in s for s in losses)
    assert (tmp_path / "y" / "data.yaml").is_file()


def test_a_format_that_holds_nothing_of_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"holds classify; this data set is for detect.* coco, voc, yolo"):
        export_dataset(ours(tmp_path / "o"), tmp_path / "f", "class-folders")
    with pytest.raises(NotFound, match="no format"):
        export_dataset(ours(tmp_path / "p"), tmp_path / "f", "excel")


@pytest.mark.parametrize("chain", [("coco", "voc", "yolo"), ("yolo", "coco", "voc")])
def test_names_hold_through_a_chain_of_formats(chain: tuple[str, ...], tmp_path: Path) -> None:
    dataset = ours(tmp_path / "o")
    for i, name in enumerate(chain):
        export_dataset(dataset, tmp_path / f"{i}-{name}", name)
        dataset = import_dataset(tmp_path / f"{i}-{name}", tmp_path / f"{i}-back")
    found = dataset.samples[0].detections(dataset.classes)
    assert dataset.classes == ("cat", "dog")
    assert found.names == ["dog"]
    np.testing.assert_allclose(found.xyxy, [[1, 2, 5, 6]], atol=1e-4)


@real
def test_real_blood_cells_come_in_as_one_set_with_splits(tmp_path: Path) -> None:
    dataset = import_dataset(SHARED / "bccd", tmp_path / "out")
    assert dataset.classes == ("Platelets", "RBC", "WBC")
    assert Counter(s.split for s in dataset) == {"train": 205, "val": 87}
    assert all(s.seen for s in dataset)
    problems = " ".join(dataset.info["problems"])
    assert len(dataset.info["problems"]) == 2
    assert "BloodImage_00338.xml, object 13" in problems
    assert "BloodImage_00343.xml, object 4" in problems


@real
def test_real_boxes_come_in_and_labels_without_image_are_named(tmp_path: Path) -> None:
    dataset = import_dataset(SHARED / "coco128", tmp_path / "out")
    assert (len(dataset), len(dataset.classes)) == (128, 80)
    assert all(s.seen for s in dataset)
    assert sum(len(s.detections(dataset.classes)) for s in dataset) == 929
    assert [p.split(":")[0] for p in dataset.info["problems"]] == ["000000000656.txt", "000000000659.txt"]
    assert "000000000250.jpg, 000000000508.jpg" in " ".join(dataset.info["notes"])


@real
def test_real_class_folders_come_in(tmp_path: Path) -> None:
    dataset = import_dataset(SHARED / "clothing", tmp_path / "out")
    assert (len(dataset), len(dataset.classes)) == (239, 10)
    assert all(s.labels(Classification) for s in dataset)
    body = json.loads((tmp_path / "out" / "annotations.json").read_text(encoding="utf-8"))
    assert len(body["images"]) == 239
