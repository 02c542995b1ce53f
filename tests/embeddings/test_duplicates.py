from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import ocella_starter
from ocella.datasets import Dataset, Sample, split
from ocella.embeddings.duplicates import difference_hash, duplicate_groups, near_pairs
from ocella.media.load import load
from ocella.types import Image

PHOTOS = [
    ocella_starter.path(f"photos/{n}") for n in ("astronaut.png", "cat.png", "coffee.png", "rocket.jpg", "temple.jpg")
]


def apart(a: Image, b: Image) -> int:
    return int(np.unpackbits(difference_hash(a) ^ difference_hash(b)).sum())


def changed(image: Image, how: str) -> Image:
    pixels: Any = image.pixels
    if how == "smaller":
        pixels = cv2.resize(pixels, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA)
    elif how == "poor jpeg":
        pixels = cv2.imdecode(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 25])[1], cv2.IMREAD_COLOR)
    elif how == "darker":
        pixels = (pixels * 0.8).astype(np.uint8)
    elif how == "grey":
        pixels = np.repeat(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[:, :, None], 3, axis=2)
    return Image(np.ascontiguousarray(pixels))


def test_a_hash_says_where_it_grows_lighter() -> None:
    row = np.repeat(np.arange(0, 170, 10, dtype=np.uint8)[None], 16, axis=0)
    lighter = Image(np.repeat(row[:, :, None], 3, axis=2))
    darker = Image(np.ascontiguousarray(lighter.pixels[:, ::-1]))
    assert difference_hash(lighter).tolist() == [255] * 32
    assert difference_hash(darker).tolist() == [0] * 32
    assert difference_hash(Image(np.full((5, 7, 3), 90, np.uint8))).tolist() == [0] * 32


@pytest.mark.parametrize("how", ["smaller", "poor jpeg", "darker", "grey"])
@pytest.mark.parametrize("photo", PHOTOS, ids=lambda p: p.stem)
def test_a_copy_is_near(photo: Path, how: str) -> None:
    image = load(photo)
    assert apart(image, changed(image, how)) <= 24


def test_other_photographs_are_far() -> None:
    images = [load(p) for p in PHOTOS]
    assert min(apart(a, b) for i, a in enumerate(images) for b in images[:i]) > 60


@pytest.mark.parametrize(("bits", "near"), [(0, True), (24, True), (25, False), (256, False)])
def test_the_limit_is_in_bits(bits: int, near: bool) -> None:  # noqa: FBT001  # a table's column
    other = np.packbits(np.arange(256) < bits)
    pairs = near_pairs(np.stack([np.zeros(32, np.uint8), other]))
    assert pairs == ([(0, 1)] if near else [])


def test_near_pairs_are_ordered_and_whole() -> None:
    rng = np.random.default_rng(0)
    base = rng.integers(0, 256, (3, 32), dtype=np.uint8)
    assert near_pairs(base[[0, 1, 0, 2, 1, 0]]) == [(0, 2), (0, 5), (1, 4), (2, 5)]
    assert near_pairs(base[:1]) == []


def dataset(root: Path, *samples: Sample) -> Dataset:
    return Dataset(root, "detect", ("a",), samples)


def write(root: Path, name: str, image: Image) -> Sample:
    assert cv2.imwrite(str(root / name), image.pixels[:, :, ::-1])
    return Sample(name, image.size_hw)


def test_groups_of_equal_and_nearly_equal_images(tmp_path: Path) -> None:
    cat, cup = load(PHOTOS[1]), load(PHOTOS[2])
    samples = [
        write(tmp_path, "cat.png", cat),
        write(tmp_path, "cat-again.png", cat),
        write(tmp_path, "cat-small.jpg", changed(cat, "smaller")),
        write(tmp_path, "cup.png", cup),
    ]
    told = []
    made = dataset(tmp_path, *samples)
    groups = duplicate_groups(made, progress=lambda *row: told.append(row))
    assert len({groups[n] for n in ("cat.png", "cat-again.png", "cat-small.jpg")}) == 1
    assert groups["cup.png"] != groups["cat.png"]
    assert set(groups) == {s.file for s in samples}
    assert told[-1][:3] == ("compare", 4, 4)
    divided = split(made, val=0.25, groups=groups)
    assert len({s.split for s in divided if s.file.startswith("cat")}) == 1


def test_nearness_is_passed_on(tmp_path: Path) -> None:
    """A near B and B near C are one group, however far A is from C."""
    ramp = np.tile(np.arange(0, 170, 10, dtype=np.uint8), (16, 1))
    images = []
    for rows in (0, 1, 2):  # each row turned around changes 16 bits
        grey = ramp.copy()
        grey[:rows] = grey[:rows, ::-1]
        images.append(Image(np.repeat(grey[:, :, None], 3, axis=2)))
    assert (apart(images[0], images[1]), apart(images[0], images[2])) == (16, 32)
    samples = [write(tmp_path, f"{i}.png", image) for i, image in enumerate(images)]
    assert len(set(duplicate_groups(dataset(tmp_path, *samples)).values())) == 1


def test_frames_keep_the_group_of_their_video(tmp_path: Path) -> None:
    cat = load(PHOTOS[1])
    samples = [write(tmp_path, f"{i}.png", cat).replace(group=f"film{i // 2}") for i in range(4)]
    groups = duplicate_groups(dataset(tmp_path, *samples))
    assert groups == {"0.png": "film0", "1.png": "film0", "2.png": "film1", "3.png": "film1"}


def test_an_image_that_cannot_be_read_stands_alone(tmp_path: Path) -> None:
    cat = load(PHOTOS[1])
    samples = [write(tmp_path, "a.png", cat), write(tmp_path, "b.png", cat), Sample("gone.png", (9, 9))]
    groups = duplicate_groups(dataset(tmp_path, *samples))
    assert groups["gone.png"] == "gone.png"
    assert groups["a.png"] == groups["b.png"]
    assert duplicate_groups(dataset(tmp_path)) == {}
