import struct
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.media.sources.counted import number_of, numbered, write_clip

from ocella.errors import InvalidValue, NotFound, Unreadable
from ocella.media.sources.capture import captured
from ocella.media.sources.choose import open_source
from ocella.media.sources.recording import Recording
from ocella.media.sources.source import Source

UNEVEN = [0.0, 0.033, 0.1, 0.5, 0.51, 1.7, 1.75, 1.85, 2.4]


def read(source: Source) -> tuple[list[int], list[float]]:
    images = list(source.images())
    moments = [image.moment for image in images if image.moment is not None]
    assert [m.index for m in moments] == list(range(len(images)))
    return [number_of(i.pixels) for i in images], [m.seconds for m in moments]


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "mov"])
def test_times_of_a_variable_rate_are_those_of_presentation(tmp_path: Path, suffix: str) -> None:
    numbers, seconds = read(open_source(write_clip(tmp_path / f"uneven.{suffix}", UNEVEN)))
    assert numbers == list(range(9))
    assert seconds == pytest.approx(UNEVEN, abs=0.0006)  # Matroska counts in milliseconds


def test_a_moment_says_what_is_known(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4", [i / 20 for i in range(40)])
    (first, *_) = open_source(str(path)).images()
    assert first.moment is not None
    assert (first.moment.source, first.moment.is_file, first.moment.taken_at) == (str(path), True, 0.0)
    assert first.moment.fps == pytest.approx(20, rel=0.03)
    assert first.origin.source == f"{path}#0"


def turned(path: Path, matrix: tuple[int, ...]) -> Path:
    """The file with another matrix in its track header, as a phone that is held upright writes it."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4
    at += 4 + (20 if data[at] == 0 else 32) + 16
    data[at : at + 36] = struct.pack(">9i", *matrix)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("matrix", "turns"),
    [
        ((0, 1 << 16, 0, -(1 << 16), 0, 0, 64 << 16, 0, 1 << 30), -1),
        ((-(1 << 16), 0, 0, 0, -(1 << 16), 0, 64 << 16, 64 << 16, 1 << 30), 2),
        ((0, -(1 << 16), 0, 1 << 16, 0, 0, 0, 64 << 16, 1 << 30), 1),
    ],
)
def test_a_video_held_on_its_side_comes_upright_as_opencv_shows_it(
    tmp_path: Path, matrix: tuple[int, ...], turns: int
) -> None:
    path = turned(write_clip(tmp_path / "a.mp4", [i / 10 for i in range(8)]), matrix)
    image = list(Recording(path).images())[7]
    want = np.rot90(numbered(7), turns)
    assert np.abs(image.pixels.astype(int) - want).mean() < 12
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    frames = [capture.read()[1] for _ in range(8)]
    capture.release()
    assert np.abs(frames[7][:, :, ::-1].astype(int) - image.pixels).mean() < 6


def test_colours_are_those_that_were_written(tmp_path: Path) -> None:
    from ocella.media.timed_video import TimedVideo
    from ocella.types import Image

    pixels = np.zeros((48, 64, 3), np.uint8)
    pixels[:24], pixels[24:] = (200, 30, 40), (20, 60, 220)
    with TimedVideo(tmp_path / "a.mp4", quality=5) as video:
        video.write(Image(pixels), 0.0)
    (image,) = Recording(tmp_path / "a.mp4").images()
    assert np.abs(image.pixels.astype(int) - pixels).mean() < 5


def test_a_cut_file_gives_what_it_has_and_then_says_so(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "whole.mkv", [i / 20 for i in range(200)]).read_bytes()
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole[: len(whole) // 2])
    got: list[int] = []
    with pytest.raises(Unreadable, match="cut off"):
        got.extend(number_of(image.pixels) for image in Recording(cut).images())
    assert 50 < len(got) < 150
    assert got == list(range(len(got)))


@pytest.mark.parametrize(("name", "data"), [("empty.mp4", b""), ("text.mp4", b"no video" * 99)])
def test_what_is_no_video_is_refused_by_name(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(Unreadable, match=name):
        list(Recording(tmp_path / name).images())


def test_a_loop_goes_on_in_index_and_time(tmp_path: Path) -> None:
    numbers, seconds = read(Recording(write_clip(tmp_path / "a.mp4", [0, 0.1, 0.3]), loop=3))
    assert numbers == [0, 1, 2] * 3
    assert seconds == pytest.approx([0, 0.1, 0.3, 0.5, 0.6, 0.8, 1.0, 1.1, 1.3], abs=1e-4)


def test_an_endless_loop_ends_by_interrupt(tmp_path: Path) -> None:
    source = Recording(write_clip(tmp_path / "a.mp4", [0, 0.1, 0.3]), loop=0)
    count = 0
    for _ in source.shots():
        count += 1
        if count == 10:
            source.interrupt()
    assert count == 10


def test_pace_keeps_the_recording_s_own_time(tmp_path: Path) -> None:
    source = Recording(write_clip(tmp_path / "a.mp4", [0, 0.05, 0.2]), pace=True)
    began = time.monotonic()
    assert len(list(source.shots())) == 3
    assert 0.18 < time.monotonic() - began < 0.6


def test_opencv_alone_reads_the_same_frames_and_times(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4", [i / 10 for i in range(12)])
    got = [
        (number_of(raw.pixels()), raw.seconds) for raw in captured(str(path), "a", is_live=False, stop=lambda: False)
    ]
    assert [n for n, _ in got] == list(range(12))
    assert [s for _, s in got] == pytest.approx([i / 10 for i in range(12)], abs=0.001)


@pytest.mark.parametrize("options", [{"loop": -1}, {"wrong": 1}])
def test_wrong_options_are_refused(tmp_path: Path, options: dict[str, int]) -> None:
    path = write_clip(tmp_path / "a.mp4", [0.0])
    with pytest.raises(InvalidValue, match=next(iter(options))):
        open_source(path, **options)


def test_a_file_that_is_not_there_is_refused_at_once() -> None:
    with pytest.raises(NotFound, match=r"nowhere\.mp4"):
        open_source("nowhere.mp4")
