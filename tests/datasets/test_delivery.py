from pathlib import Path

import pytest
from PIL import Image as Pillow

from ocella.datasets import Dataset, Sample
from ocella.datasets.delivery import delivery, flat_names, place_image, put_text
from ocella.errors import NotFound, Refused, Unreadable


def dataset(root: Path, *files: str) -> Dataset:
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        Pillow.new("RGB", (20, 10)).save(root / file)
    return Dataset(root, "detect", ("cat",), tuple(Sample(f, (10, 20)) for f in files))


@pytest.mark.parametrize("there", [False, True])
def test_the_folder_appears_as_a_whole(there: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a table
    target = tmp_path / "deep" / "out"
    if there:
        target.mkdir(parents=True)
    with delivery(target) as folder:
        put_text(folder / "x" / "ä.txt", "ä\n")
        assert not there or not any(target.iterdir())
    assert (target / "x" / "ä.txt").read_bytes() == "ä\n".encode()
    assert [p.name for p in target.parent.iterdir()] == ["out"]


def test_an_error_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with delivery(tmp_path / "out") as folder:
            put_text(folder / "a.txt", "x")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["full folder", "file"])
def test_nothing_is_written_over(kind: str, tmp_path: Path) -> None:
    target = tmp_path / "out"
    file = target if kind == "file" else target / "mine"
    put_text(file, "mine")
    with pytest.raises(Refused, match="nothing is written over"), delivery(target):
        pass
    assert file.read_text(encoding="utf-8") == "mine"


def test_names_lose_their_folders_but_stay_apart(tmp_path: Path) -> None:
    names = flat_names(dataset(tmp_path, "images/a.png", "images/b/A.jpg", "images/b/c.d.png", "images/e/a.bmp"))
    assert list(names.values()) == ["a.png", "b_A.jpg", "c.d.png", "e_a.bmp"]


def test_taken_names_get_a_number(tmp_path: Path) -> None:
    names = flat_names(dataset(tmp_path, "a.png", "a.jpg", "A.bmp"))
    assert sorted(names.values()) == ["A.bmp", "a-2.jpg", "a-3.png"]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_only_turned_images_are_written_anew(orientation: int, tmp_path: Path) -> None:
    data = dataset(tmp_path, "a.jpg")
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    Pillow.new("RGB", (20, 10)).save(tmp_path / "a.jpg", exif=exif)
    place_image(data, data.samples[0], tmp_path / "b.jpg")
    same = (tmp_path / "a.jpg").read_bytes() == (tmp_path / "b.jpg").read_bytes()
    with Pillow.open(tmp_path / "b.jpg") as image:
        assert image.size == ((10, 20) if orientation >= 5 else (20, 10))
        assert same == (orientation == 1)


def test_a_missing_or_broken_image_is_named(tmp_path: Path) -> None:
    data = dataset(tmp_path, "a.jpg")
    (tmp_path / "a.jpg").write_bytes(b"x")
    with pytest.raises(Unreadable, match=r"a\.jpg"):
        flat_names(data)
    (tmp_path / "a.jpg").unlink()
    with pytest.raises(NotFound, match=r"a\.jpg"):
        flat_names(data)
