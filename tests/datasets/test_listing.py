from pathlib import Path

import pytest

from ocella.datasets.listing import Listing
from ocella.errors import NotFound, Unreadable


def put(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("line", "stem"),
    [
        ("0001", "0001"),
        ("0001.jpg", "0001"),
        ("images/0001.JPG", "0001"),
        ("images\\0001.png", "0001"),
        ("0001 -1", "0001"),
        ("0001  1", "0001"),
        ("my photo.jpg", "my photo"),
        ("v1.2 frame", "v1.2 frame"),
        ("photo 7", "photo 7"),
        ("\ufeff0001", "0001"),
    ],
)
def test_a_line_names_an_image(line: str, stem: str, tmp_path: Path) -> None:
    listing = Listing.of(put(tmp_path / "val.txt", f"{line}\n\n"))
    assert listing.entries == [stem]
    assert listing.place(f"{stem}.png") == "val"


def test_without_a_list_everything_is_taken(tmp_path: Path) -> None:
    listing = Listing.of(None, [tmp_path])
    assert not listing
    assert listing.place("a.jpg") == ""
    assert listing.missing() == []


def test_a_list_asked_for_decides_what_is_taken(tmp_path: Path) -> None:
    listing = Listing.of(put(tmp_path / "mine.txt", "a\nb"))
    assert listing.place("a.jpg") == ""
    assert listing.place("c.jpg") is None
    assert listing.missing() == ["mine.txt names b, but there is no such image."]


def test_what_is_held_back_stays_so(tmp_path: Path) -> None:
    for name in ("train", "val", "test"):
        put(tmp_path / f"{name}.txt", "a\n")
    listing = Listing.of(None, [tmp_path / "gone", tmp_path])
    assert listing.place("a") == "test"
    assert len(listing.problems) == 2


def test_a_bad_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="one image name a line"):
        Listing.of(tmp_path / "gone.txt")
    (tmp_path / "x.txt").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(Unreadable, match=r"x\.txt"):
        Listing.of(tmp_path / "x.txt")
