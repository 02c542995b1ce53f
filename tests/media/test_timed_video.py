from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.media.sources.counted import number_of, numbered

from ocella.errors import InvalidValue
from ocella.media.timed_video import TimedVideo, _OneRate, fitted
from ocella.types import Image

UNEVEN = [0.0, 0.033, 0.1, 0.5, 0.51, 1.7, 1.75]


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv", "webm"])
def test_each_picture_is_shown_at_its_time_counted_from_the_first(tmp_path: Path, suffix: str) -> None:
    import av

    path = tmp_path / f"a.{suffix}"
    with TimedVideo(path) as video:
        for number, seconds in enumerate(UNEVEN):
            video.write(Image(numbered(number)), 100 + seconds)
    with av.open(str(path)) as container:
        got = [(number_of(f.to_ndarray(format="rgb24")), f.time) for f in container.decode(video=0)]
        length = (container.duration or 0) / 1e6
    assert [n for n, _ in got] == list(range(7))
    assert [t for _, t in got] == pytest.approx(UNEVEN, abs=0.0006)
    assert length == pytest.approx(1.75, abs=0.05)
    assert (video.frames, video.note) == (7, "")


def test_opencv_alone_shows_all_at_the_rate_of_the_first_ones_and_says_so(tmp_path: Path) -> None:
    writer = _OneRate(tmp_path / "a.mp4")
    for number in range(40):
        writer.write(numbered(number), number * 0.08)
    writer.close()
    assert "12.500 a second" in writer.note
    capture = cv2.VideoCapture(str(tmp_path / "a.mp4"))
    assert capture.get(cv2.CAP_PROP_FPS) == pytest.approx(12.5)
    assert [number_of(capture.read()[1]) for _ in range(40)] == list(range(40))
    capture.release()


def test_times_must_grow(tmp_path: Path) -> None:
    with TimedVideo(tmp_path / "a.mp4") as video:
        video.write(Image(numbered(0)), 1.0)
        with pytest.raises(InvalidValue, match="grow"):
            video.write(Image(numbered(1)), 1.0)


def test_nothing_written_leaves_no_file(tmp_path: Path) -> None:
    TimedVideo(tmp_path / "a.mp4").close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("size_hw", "into", "where"),
    [
        ((4, 6), (4, 6), (0, 4, 0, 6)),
        ((3, 5), (4, 6), (0, 4, 0, 6)),  # the last row and column twice
        ((4, 4), (4, 8), (0, 4, 2, 6)),
        ((8, 4), (4, 4), (0, 4, 1, 3)),
    ],
)
def test_another_size_is_fitted_in_on_black(
    size_hw: tuple[int, int], into: tuple[int, int], where: tuple[int, int, int, int]
) -> None:
    got = fitted(np.full((*size_hw, 3), 200, np.uint8), into)
    want = np.zeros((*into, 3), np.uint8)
    want[where[0] : where[1], where[2] : where[3]] = 200
    np.testing.assert_array_equal(got, want)
