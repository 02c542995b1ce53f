import numpy as np
import pytest

from ocella.ops.boxes import area, clip, scale


@pytest.mark.parametrize(
    ("box", "inside"),
    [
        ([1, 2, 3, 4], [1, 2, 3, 4]),
        ([-5, -5, 30, 30], [0, 0, 20, 10]),
        ([25, 3, 30, 6], [20, 3, 20, 6]),
        ([-9, -9, -1, -1], [0, 0, 0, 0]),
    ],
)
def test_clip(box: list[float], inside: list[float]) -> None:
    got = clip(np.array([box]), (10, 20))
    assert got.tolist() == [inside]
    assert got.dtype == np.float32


def test_clip_leaves_the_argument_alone() -> None:
    box = np.array([[-1, -1, 5, 5]], np.float32)
    clip(box, (3, 3))
    assert box.tolist() == [[-1, -1, 5, 5]]


def test_area() -> None:
    assert area(np.array([[0, 0, 2, 3], [5, 5, 5, 9], [3, 3, 1, 1]])).tolist() == [6, 0, 0]
    assert area(np.zeros((0, 4))).shape == (0,)


def test_scale() -> None:
    assert scale(np.array([[1, 2, 3, 4]]), (10, 20), (20, 10)).tolist() == [[0.5, 4, 1.5, 8]]
