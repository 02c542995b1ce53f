from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.hostile import picture

from ocella.errors import InvalidValue, NotFound, Unreadable
from ocella.media.video import describe, frames, write_video
from ocella.types import Image


def _images(count: int, height: int = 48, width: int = 64) -> Iterator[Image]:
    """A picture whose red grows from frame to frame, so that order and channels show."""
    for index in range(count):
        pixels = np.zeros((height, width, 3), np.uint8)
        pixels[:, :, 0] = 40 + index * 200 // max(count - 1, 1)
        pixels[: height // 2, :, 2] = 200
        yield Image(pixels)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("clip") / "clip.mp4", _images(30), 10)


@pytest.mark.parametrize("suffix", [".mp4", ".avi", ".mov", ".mkv", ".webm"])
def test_what_is_written_comes_back_in_rgb_and_order(tmp_path: Path, suffix: str) -> None:
    path = write_video(tmp_path / f"a{suffix}", _images(12), 12)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    facts = describe(path)
    assert (facts.size_hw, round(facts.fps), facts.frames) == ((48, 64), 12, 12)
    got = list(frames(path))
    assert [f.index for f in got] == list(range(12))
    np.testing.assert_allclose([f.seconds for f in got], np.arange(12) / 12, atol=0.01)
    for frame, sent in zip(got, _images(12), strict=True):
        assert np.abs(frame.image.pixels.astype(int) - sent.pixels).mean() < 12
    assert got[0].source == str(path)


@pytest.mark.parametrize(
    ("every", "limit", "want"),
    [
        (0, None, list(range(30))),
        (0, 3, [0, 1, 2]),
        (1, None, [0, 10, 20]),
        (0.25, 5, [0, 3, 5, 8, 10]),
        (0.05, 4, [0, 1, 2, 3]),
        (100, None, [0]),
        (0, 0, []),
    ],
)
def test_every_and_limit_choose_frames(clip: Path, every: float, limit: int | None, want: list[int]) -> None:
    assert [f.index for f in frames(clip, every, limit)] == want


@pytest.mark.parametrize("every", [-1, float("nan"), float("inf")])
def test_every_is_a_length_of_time(clip: Path, every: float) -> None:
    with pytest.raises(InvalidValue, match="every"):
        frames(clip, every)


def test_facts_come_from_the_header(clip: Path) -> None:
    assert describe(clip).seconds == pytest.approx(3)


@pytest.mark.parametrize(("suffix", "share"), [(".mp4", 0.6), (".mp4", 0.02), (".avi", 0.5)])
def test_a_video_that_lost_its_end_is_refused_by_name(tmp_path: Path, suffix: str, share: float) -> None:
    whole = write_video(tmp_path / f"whole{suffix}", _images(60), 10).read_bytes()
    cut = tmp_path / f"cut{suffix}"
    cut.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(Unreadable, match="cut"):
        list(frames(cut))


def test_what_is_no_video_is_refused(tmp_path: Path) -> None:
    for name, data in (("empty.mp4", b""), ("text.mp4", b"no video" * 99)):
        (tmp_path / name).write_bytes(data)
        for read in (describe, lambda p: next(frames(p))):
            with pytest.raises(Unreadable, match=name):
                read(tmp_path / name)
    with pytest.raises(Unreadable, match="not a file"):
        describe(tmp_path)
    with pytest.raises(NotFound, match="gone"):
        describe(tmp_path / "gone.mp4")


@pytest.mark.parametrize(
    ("name", "images", "fps", "says"),
    [
        ("a.xyz", [Image(picture())], 10, "must end in"),
        ("a.mp4", [Image(picture())], 0, "fps"),
        ("a.mp4", [], 10, "at least one"),
        ("a.mp4", [Image(picture(31, 40))], 10, "even"),
        ("a.mp4", [Image(picture()), Image(picture(32, 40))], 10, "one size"),
    ],
)
def test_nothing_half_written_is_left(tmp_path: Path, name: str, images: list[Image], fps: float, says: str) -> None:
    with pytest.raises(InvalidValue, match=says):
        write_video(tmp_path / name, images, fps)
    assert list(tmp_path.iterdir()) == []


def test_half_an_mp4_is_seen_before_decoding(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "whole.mp4", _images(60), 10).read_bytes()
    (tmp_path / "half.mp4").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Unreadable, match=r"half\.mp4 is cut off: its header asks for more"):
        describe(tmp_path / "half.mp4")


@pytest.mark.parametrize("length", [b"\x00\x00\x00\x01", b"\x00\x00\x00\x02", b"\x00\x00\x00\x00", b"\xff\xff\xff\xff"])
def test_odd_lengths_in_an_mp4_end_in_a_refusal(tmp_path: Path, length: bytes) -> None:
    (tmp_path / "odd.mp4").write_bytes(b"\x00\x00\x00\x10ftypisom\x00\x00\x00\x00" + length + b"mdat" + bytes(40))
    with pytest.raises(Unreadable, match=r"odd\.mp4"):
        describe(tmp_path / "odd.mp4")
