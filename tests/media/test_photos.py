import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

import ocella_starter
from ocella.media.find import find_images
from ocella.media.load import load, read_size

FOLDER = Path(ocella_starter.__file__).parent / "photos"
PHOTOS = json.loads((FOLDER / "photos.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("photo", PHOTOS, ids=lambda photo: photo["file"])
def test_each_photograph_is_the_one_whose_licence_was_read(photo: dict[str, Any]) -> None:
    path = FOLDER / photo["file"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == photo["sha256"]
    assert photo["license"] in {"CC0-1.0", "CC-BY-2.0", "public domain", "BSD-3-Clause"}
    assert photo["author"]
    assert photo["stated"]
    assert photo["file"] in (FOLDER / "NOTICE").read_text(encoding="utf-8")
    assert load(path).size_hw == read_size(path)


def test_no_photograph_is_of_unknown_origin() -> None:
    found = find_images([FOLDER])
    assert sorted(ref.name for ref in found.images) == sorted(photo["file"] for photo in PHOTOS)
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 2_500_000
