from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from ocella.choosing.images import sample_images
from ocella.errors import InvalidValue, NotFound
from ocella.media.video import write_video
from ocella.types import Image


def scene(seed: int, brighter: int = 0) -> npt.NDArray[np.uint8]:
    """A picture like no other of another seed; of one seed nearly the same at any brightness."""
    coarse = np.random.default_rng(seed).integers(0, 200, (6, 6, 3), np.uint8)
    return np.asarray(cv2.resize(coarse, (96, 64), interpolation=cv2.INTER_CUBIC) // 2 + 20 + brighter, np.uint8)


def put(file: Path, pixels: npt.NDArray[np.uint8]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(file), pixels)
    return file


def folder(root: Path, **counts: int) -> Path:
    for place, (name, count) in enumerate(counts.items()):
        for n in range(count):
            put(root / name / f"{n}.png", scene(1000 * place + n))
    return root


def test_each_folder_has_its_share_from_the_first_on(tmp_path: Path) -> None:
    photos = folder(tmp_path / "photos", large=60, small=20, tiny=4)
    sampled = sample_images([photos], tmp_path / "out", 42)
    assert (len(sampled.images), sampled.out_of, sampled.set_aside) == (42, 84, ())
    assert Counter(sampled.group) == {"large": 30, "small": 10, "tiny": 2}
    first = Counter(sampled.group[:21])
    assert 14 <= first["large"] <= 16
    assert 4 <= first["small"] <= 6
    assert [i.content_hash() for i in sampled.images] == list(sampled.sha256)
    assert len(set(sampled.sha256)) == 42


def test_a_share_is_spread_over_the_folder(tmp_path: Path) -> None:
    photos = folder(tmp_path / "photos", one=64)
    for seed in range(3):
        sampled = sample_images([photos], tmp_path / "out", 8, seed=seed)
        places = sorted(int(i.name.split("/")[-1].removesuffix(".png")) for i in sampled.images)
        assert np.diff([*places, places[0] + 64]).tolist() == [8] * 8


def test_every_picture_is_as_likely_as_any_other(tmp_path: Path) -> None:
    photos = folder(tmp_path / "photos", a=9, b=3, c=1)
    drawn = Counter(i.name for seed in range(300) for i in sample_images([photos], tmp_path, 4, seed=seed).images)
    assert sum(drawn.values()) == 1200
    assert len(drawn) == 13
    share = np.array(list(drawn.values())) / 300
    assert np.abs(share - 4 / 13).max() < 4 * np.sqrt(4 / 13 * 9 / 13 / 300), drawn


def test_small_folders_are_taken_whole_and_a_seed_says_in_which_order(tmp_path: Path) -> None:
    photos = folder(tmp_path / "photos", a=5, b=3)
    all_of_them = {f"{name}/{n}.png" for name, count in (("a", 5), ("b", 3)) for n in range(count)}
    orders = [[i.name for i in sample_images([photos], tmp_path, 40, seed=seed).images] for seed in (1, 1, 2, 3)]
    assert [set(order) for order in orders] == [all_of_them] * 4
    assert orders[0] == orders[1]
    assert len({tuple(order) for order in orders}) > 1


def test_one_scene_is_taken_once_while_there_are_others(tmp_path: Path) -> None:
    for n in range(12):
        put(tmp_path / "in" / f"{n:02d}.png", scene(0, brighter=n))
    for n in range(4):
        put(tmp_path / "in" / f"other{n}.png", scene(n + 1))
    few = sample_images([tmp_path / "in"], tmp_path, 8)
    scenes = ["burst" if i.name[0] != "o" else i.name for i in few.images]
    assert scenes.count("burst") == 8 - len(set(scenes)) + 1
    assert len(set(scenes[: len(set(scenes))])) == len(set(scenes)), "what was seen comes last"
    assert len(sample_images([tmp_path / "in"], tmp_path, 16).images) == 16


def test_the_same_file_is_never_taken_twice(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        put(tmp_path / "in" / f"{name}.png", scene(7))
    sampled = sample_images([tmp_path / "in"], tmp_path, 3)
    assert len(sampled.images) == 1
    assert [reason for _, reason in sampled.set_aside] == [
        f"the same picture as {sampled.images[0].name}, taken once"
    ] * 2


def test_files_that_cannot_be_read_give_way_to_others_and_are_named(tmp_path: Path) -> None:
    photos = folder(tmp_path / "photos", a=12)
    for n in range(3):
        cut = photos / "a" / f"cut{n}.png"
        cut.write_bytes((photos / "a" / "0.png").read_bytes()[:80])
    (photos / "notes.md").write_text("nothing to see")
    sampled = sample_images([photos], tmp_path, 8)
    assert len(sampled.images) == 8
    named = dict(sampled.set_aside)
    assert named.pop("notes.md") == "not an image"
    assert all("cut" in name and "cut" in reason for name, reason in named.items())
    whole = sample_images([photos], tmp_path, 15)
    assert len(whole.images) == 12
    assert {n for n, _ in whole.set_aside} == {"notes.md", "a/cut0.png", "a/cut1.png", "a/cut2.png"}


def test_frames_of_videos_are_files_spread_over_their_length(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write_video(tmp_path / "in" / "walk.mp4", (Image(scene(n)) for n in range(40)), fps=4)
    folder(tmp_path / "in", photos=20)
    told = []
    sampled = sample_images([tmp_path / "in"], tmp_path / "out", 10, progress=lambda *step: told.append(step[0]))
    assert sampled.out_of == 20 + 20  # a frame each half second
    assert Counter(sampled.group) == {"walk.mp4": 5, "photos": 5}
    shown = [i for i, group in zip(sampled.images, sampled.group, strict=True) if group == "walk.mp4"]
    assert all(i.path == tmp_path / "out" / i.name for i in shown)
    numbers = sorted(int(i.name.removeprefix("walk/").removesuffix(".jpg")) for i in shown)
    assert all(n % 2 == 0 for n in numbers)
    assert np.diff([*numbers, numbers[0] + 40]).max() <= 16
    assert set(told) == {"sample"}
    again = sample_images([tmp_path / "in"], tmp_path / "out", 10)
    assert again.sha256 == sampled.sha256


def test_nothing_that_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(NotFound, match=r"None of the images can be read.*a\.png"):
        sample_images([tmp_path / "in"], tmp_path, 5)
    for most, every in ((0, 0.5), (5, 0)):
        with pytest.raises(InvalidValue, match="at least one image"):
            sample_images([tmp_path / "in"], tmp_path, most, every=every)
