from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocella.errors import InvalidValue
from ocella.ops.tile import slices, tiles


def test_two_by_two() -> None:
    assert tiles((70, 140), 2, 2).tolist() == [[0, 0, 80, 40], [60, 0, 140, 40], [0, 30, 80, 70], [60, 30, 140, 70]]


@given(st.integers(1, 300), st.integers(1, 300), st.integers(1, 5), st.integers(1, 5), st.floats(0, 0.9))
def test_windows_cover_the_image_and_stay_in_it(
    height: int, width: int, rows: int, columns: int, overlap: float
) -> None:
    windows = tiles((height, width), rows, columns, overlap)
    assert windows.shape == (rows * columns, 4)
    assert (windows == np.round(windows)).all()
    covered = np.zeros((height, width), bool)
    for x1, y1, x2, y2 in windows.astype(int).tolist():
        assert 0 <= x1 < x2 <= width
        assert 0 <= y1 < y2 <= height
        covered[y1:y2, x1:x2] = True
    assert covered.all()
    assert len({(x2 - x1, y2 - y1) for x1, y1, x2, y2 in windows.tolist()}) == 1


@pytest.mark.parametrize(("rows", "columns", "overlap"), [(0, 1, 0.2), (1, -1, 0.2), (2, 2, 1), (2, 2, -0.1)])
def test_refusals(rows: int, columns: int, overlap: float) -> None:
    with pytest.raises(InvalidValue):
        tiles((10, 10), rows, columns, overlap)


SLICES = [
    ((50, 60), (64, 64), 0.25, [[0, 0, 60, 50]]),
    ((50, 100), (50, 60), 0.5, [[0, 0, 60, 50], [30, 0, 90, 50], [40, 0, 100, 50]]),
    ((90, 40), (60, 60), 0.0, [[0, 0, 40, 60], [0, 30, 40, 90]]),
]


@pytest.mark.parametrize(("size_hw", "slice_hw", "overlap", "expected"), SLICES)
def test_slices(size_hw: tuple[int, int], slice_hw: tuple[int, int], overlap: float, expected: list[list[int]]) -> None:
    assert slices(size_hw, slice_hw, overlap).tolist() == expected


@given(st.integers(1, 300), st.integers(1, 300), st.integers(1, 200), st.integers(1, 200), st.floats(0, 0.9))
def test_slices_cover_the_image_and_overlap(height: int, width: int, tall: int, wide: int, overlap: float) -> None:
    windows = slices((height, width), (max(tall, height // 9), max(wide, width // 9)), overlap).astype(int)
    covered = np.zeros((height, width), bool)
    for x1, y1, x2, y2 in windows.tolist():
        assert 0 <= x1 < x2 <= width
        assert 0 <= y1 < y2 <= height
        covered[y1:y2, x1:x2] = True
    assert covered.all()
    lefts = sorted(set(windows[:, 0].tolist()))
    size = int(windows[0, 2] - windows[0, 0])
    assert all(a + size - b >= min(overlap * size, size - 1) - 1e-6 for a, b in pairwise(lefts))


@pytest.mark.parametrize(("slice_hw", "overlap"), [((0, 5), 0.2), ((5, -1), 0.2), ((5, 5), 1), ((5, 5), -0.1)])
def test_slices_refused(slice_hw: tuple[int, int], overlap: float) -> None:
    with pytest.raises(InvalidValue):
        slices((10, 10), slice_hw, overlap)
