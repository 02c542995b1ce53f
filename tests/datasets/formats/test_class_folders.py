from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from ocella.datasets import Dataset, Sample
from ocella.datasets.formats.class_folders import ClassFolders
from ocella.errors import NotFound, Refused
from ocella.types import Annotation, Classification, Source

FOLDERS = ClassFolders()


def put(root: Path, *files: str) -> Path:
    for i, file in enumerate(files):
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        Pillow.new("RGB", (6, 4), (i, 0, 0)).save(root / file)
    return root


def read(folder: Path) -> list[tuple[str, str, str]]:
    dataset = FOLDERS.read(folder, folder.parent / "ours")
    return [(s.file, s.split, s.labels(Classification)[0].top()[0][0]) for s in dataset]


def test_the_folder_is_the_class(tmp_path: Path) -> None:
    folder = put(tmp_path / "f", "dog/1.png", "cat/1.png", "cat/deep/2.png", "cat/.hidden.png")
    assert read(folder) == [
        ("images/cat/1.png", "", "cat"),
        ("images/cat/deep/2.png", "", "cat"),
        ("images/dog/1.png", "", "dog"),
    ]


def test_the_folder_above_is_the_split(tmp_path: Path) -> None:
    folder = put(tmp_path / "f", "train/cat/1.png", "valid/cat/1.png", "test/dog/2.png")
    found = read(folder)
    assert {(split, name) for _, split, name in found} == {("train", "cat"), ("val", "cat"), ("test", "dog")}


@pytest.mark.parametrize(
    ("files", "extra", "known"),
    [
        (["cat/1.png"], None, True),
        (["train/cat/1.png"], None, True),
        (["1.png"], None, False),
        (["images/1.png"], None, False),
        (["train/1.png"], None, False),
        (["cat/1.png"], "cat/1.xml", False),
        (["cat/1.png"], "data.yaml", False),
    ],
)
def test_recognised_by_folders_alone(files: list[str], extra: str | None, known: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a table
    folder = put(tmp_path / "f", *files)
    if extra:
        (folder / extra).write_text("x", encoding="utf-8")
    assert FOLDERS.recognises(folder) is known


def test_a_broken_image_is_reported_by_name(tmp_path: Path) -> None:
    folder = put(tmp_path / "f", "cat/1.png")
    (folder / "cat" / "2.jpg").write_bytes(b"")
    dataset = FOLDERS.read(folder, tmp_path / "ours")
    assert len(dataset) == 1
    assert "cat/2.jpg" in dataset.info["problems"][0]


def test_no_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"cat/1\.jpg"):
        FOLDERS.read(put(tmp_path / "f", "1.png"), tmp_path / "ours")


def ours(root: Path, scores: list[list[float]], classes: tuple[str, ...], rejected: int = 0) -> Dataset:
    samples = []
    for i, row in enumerate(scores):
        put(root, f"images/{i}.png")
        value = Classification(np.array(row, np.float32), classes, sum(row) > 1)
        label = Annotation(value, Source("person", "ana"), ("rejected" if i < rejected else "accepted",))
        samples.append(Sample(f"images/{i}.png", (4, 6), annotations=(label,)))
    return Dataset(root, "classify", classes, tuple(samples))


def test_losses_are_the_real_ones(tmp_path: Path) -> None:
    put(tmp_path / "o", "images/9.png")
    dataset = ours(tmp_path / "o", [[1, 0], [0.25, 0.75], [0.9, 0.8], [0, 1]], ("cat", "dog"), rejected=1)
    dataset = dataset.replace(samples=(*dataset.samples, Sample("images/9.png", (4, 6))))
    said = FOLDERS.losses(dataset)
    for words in ("1 rejected", "Of 2 images only the best", "1 images without a class"):
        assert any(words in s for s in said), words
    FOLDERS.write(dataset, tmp_path / "f")
    assert [name for _, _, name in read(tmp_path / "f")] == ["cat", "dog", "dog"]


def test_an_empty_class_keeps_its_place(tmp_path: Path) -> None:
    FOLDERS.write(ours(tmp_path / "o", [[0, 0, 1]], ("zebra", "none of these", "cat")), tmp_path / "f")
    assert FOLDERS.read(tmp_path / "f", tmp_path / "back").classes == ("zebra", "none of these", "cat")


@pytest.mark.parametrize("name", ["a/b", "..", "CON", "com1.x", "a:b", " a", "a.", "a\n"])
def test_a_class_that_is_no_folder_name_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="Rename"):
        FOLDERS.write(ours(tmp_path / "o", [[1, 0]], (name, "dog")), tmp_path / "f")
    assert not (tmp_path / "f").exists()


def test_classes_that_differ_by_case_alone_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="case"):
        FOLDERS.write(ours(tmp_path / "o", [[1, 0]], ("Cat", "cat")), tmp_path / "f")
