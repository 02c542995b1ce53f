from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.hostile import picture

from ocella.errors import InvalidValue
from ocella.media.flight import flight
from ocella.types import Image

PHOTOS = [Image(picture(120, 160)), Image(255 - picture(90, 200))]


def test_the_same_seed_gives_the_same_frames_and_another_does_not() -> None:
    def fly(seed: int) -> list[bytes]:
        return [f.image.pixels.tobytes() for f in flight(PHOTOS, seconds=1, fps=8, size_hw=(40, 60), seed=seed)]

    assert fly(1) == fly(1)
    assert fly(1) != fly(2)


def test_frames_have_size_time_and_shot() -> None:
    got = list(flight(PHOTOS, seconds=2, fps=10, size_hw=(40, 60), seed=0, rounds=2))
    assert [f.index for f in got] == list(range(20))
    assert {f.image.size_hw for f in got} == {(40, 60)}
    assert got[-1].seconds == pytest.approx(1.9)
    assert [f.source for f in got] == [f"flight/{i // 5}" for i in range(20)]


def test_a_shot_is_smooth_and_moves() -> None:
    got = [f.image.pixels.astype(float) for f in flight(PHOTOS[:1], seconds=3, fps=10, size_hw=(60, 80), seed=3)]
    steps = [np.abs(a - b).mean() for a, b in pairwise(got)]
    assert max(steps) < 8
    assert np.abs(got[0] - got[-1]).mean() > 3 * np.mean(steps)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(20, 90), st.integers(20, 90), st.integers(60, 200), st.integers(60, 200))
def test_the_view_never_leaves_the_photograph(
    seed: int, height: int, width: int, photo_height: int, photo_width: int
) -> None:
    y, x = np.mgrid[0:photo_height, 0:photo_width]
    photo = Image(np.stack([x, y, np.full_like(x, 200)], axis=2).astype(np.uint8))
    for frame in flight([photo], seconds=1, fps=4, size_hw=(height, width), seed=seed):
        place = frame.image.pixels[:, :, :2] / frame.image.pixels[:, :, 2:]  # where from, whatever the light
        for axis in (0, 1):
            steps = _steps(place[:, :, 1 - axis], axis)
            assert steps.min() > 0  # beyond the rim the mirrored photograph would run backwards


def _steps(place: npt.NDArray[Any], axis: int, over: int = 12) -> npt.NDArray[Any]:
    along = np.moveaxis(place, axis, 0)
    over = min(over, len(along) - 1)
    steps: npt.NDArray[Any] = along[over:] - along[:-over]
    return steps


def test_large_photographs_are_made_smaller_without_moire() -> None:
    stripes = np.zeros((800, 800, 3), np.uint8)
    stripes[:, ::2] = 255
    frame = next(flight([Image(stripes)], seconds=1, fps=2, size_hw=(100, 100), seed=0))
    assert frame.image.pixels.std() < 15


@pytest.mark.parametrize(
    ("photos", "seconds", "rounds", "size_hw"),
    [([], 1, 1, (40, 60)), (PHOTOS, 0, 1, (40, 60)), (PHOTOS, 1, 0, (40, 60)), (PHOTOS, float("nan"), 1, (40, 60)),
     (PHOTOS, 0.1, 1, (40, 60)), (PHOTOS, 1, 1, (1, 60))],
)  # fmt: skip
def test_impossible_flights_are_refused(
    photos: list[Image], seconds: float, rounds: int, size_hw: tuple[int, int]
) -> None:
    with pytest.raises(InvalidValue, match="flight needs"):
        flight(photos, seconds=seconds, fps=10, size_hw=size_hw, rounds=rounds)
