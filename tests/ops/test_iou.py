import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ocella.ops.iou import covered, intersection, iou

SQUARE = [0, 0, 10, 10]


@pytest.mark.parametrize(
    ("a", "b", "shared", "share"),
    [
        (SQUARE, SQUARE, 1, 1),
        (SQUARE, [5, 0, 15, 10], 1 / 3, 0.5),
        (SQUARE, [10, 0, 20, 10], 0, 0),
        (SQUARE, [-90, -90, 110, 110], 1 / 400, 1),
        ([0, 0, 40, 10], SQUARE, 1 / 4, 1 / 4),
        ([3, 3, 3, 3], [3, 3, 3, 3], 0, 0),
        ([3, 3, 3, 8], SQUARE, 0, 0),
    ],
)
def test_pairs(a: list[float], b: list[float], shared: float, share: float) -> None:
    assert iou(np.array([a]), np.array([b])) == pytest.approx(shared)
    assert covered(np.array([a]), np.array([b])) == pytest.approx(share)


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
def test_nothing(shape: tuple[int, int]) -> None:
    a, b = (np.zeros((n, 4), np.float32) for n in shape)
    assert iou(a, b).shape == covered(a, b).shape == shape


def cells(n: int) -> st.SearchStrategy[np.ndarray]:
    corners = arrays(np.int64, (n, 2, 2), elements=st.integers(0, 12))
    return corners.map(lambda c: np.sort(c, axis=1).reshape(-1, 4).astype(np.float32))


@given(cells(3), cells(4))
def test_equals_counting_pixels(a: np.ndarray, b: np.ndarray) -> None:
    def painted(boxes: np.ndarray) -> np.ndarray:
        grid = np.zeros((len(boxes), 12, 12), bool)
        for mask, (x1, y1, x2, y2) in zip(grid, boxes.astype(int), strict=True):
            mask[y1:y2, x1:x2] = True
        return grid

    p, q = painted(a), painted(b)
    common, either = (p[:, None] & q[None]).sum((2, 3)), (p[:, None] | q[None]).sum((2, 3))
    assert (intersection(a, b) == common).all()
    np.testing.assert_allclose(iou(a, b), common / np.maximum(either, 1))
    np.testing.assert_allclose(covered(a, b), common / np.maximum(p.sum((1, 2)), 1)[:, None])
