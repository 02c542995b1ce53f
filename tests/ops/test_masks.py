import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ocella.ops.masks import boxes_of, from_boxes, largest_part, mask_iou, place
from ocella.types import Masks, Origin

sizes = st.tuples(st.integers(1, 9), st.integers(1, 9))
two = sizes.flatmap(lambda hw: st.tuples(arrays(bool, (3, *hw)), arrays(bool, (2, *hw))))


@given(two)
def test_overlap_equals_counting_pixels(pair: tuple[np.ndarray, np.ndarray]) -> None:
    a, b = pair
    common, either = (a[:, None] & b[None]).sum((2, 3)), (a[:, None] | b[None]).sum((2, 3))
    np.testing.assert_allclose(mask_iou(Masks.from_dense(a), Masks.from_dense(b)), common / np.maximum(either, 1))
    assert (Masks.from_dense(a).intersection(Masks.from_dense(b)) == common).all()


@given(sizes.flatmap(lambda hw: arrays(bool, (2, *hw))))
def test_boxes_are_tight(dense: np.ndarray) -> None:
    wanted = []
    for mask in dense:
        ys, xs = np.nonzero(mask)
        wanted.append([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1] if len(xs) else [0] * 4)
    assert boxes_of(Masks.from_dense(dense)).tolist() == wanted


@given(sizes, arrays(np.float32, (3, 2, 2), elements=st.integers(-8, 40).map(lambda v: v / 4)))
def test_masks_of_boxes_hold_the_pixel_centres(size_hw: tuple[int, int], corners: np.ndarray) -> None:
    boxes = np.sort(corners, axis=1).reshape(-1, 4)
    y, x = np.indices(size_hw) + 0.5
    wanted = [(x >= x1) & (x < x2) & (y >= y1) & (y < y2) for x1, y1, x2, y2 in boxes]
    assert from_boxes(boxes, size_hw) == Masks.from_dense(np.array(wanted))


def test_nothing() -> None:
    none = Masks.empty((4, 5))
    assert mask_iou(none, none).shape == (0, 0)
    assert boxes_of(none).shape == (0, 4)
    assert from_boxes(np.zeros((0, 4)), (4, 5)) == none
    assert largest_part(none) == none


def test_largest_part() -> None:
    dense = np.zeros((3, 6, 6), bool)
    dense[0, 0, 0] = dense[0, 3:5, 3:5] = dense[0, 5, 5] = True
    dense[1, 1, 1] = True
    wanted = dense.copy()
    wanted[0, 0, 0] = False
    assert largest_part(Masks.from_dense(dense)) == Masks.from_dense(wanted)


@pytest.mark.parametrize(
    ("scale", "offset"), [((2.0, 2.0), (1.0, 2.0)), ((1.0, 1.0), (-1.0, 0.0)), ((0.5, 0.5), (0, 0))]
)
def test_place(scale: tuple[float, float], offset: tuple[float, float]) -> None:
    dense = np.random.default_rng(0).random((2, 4, 4)) < 0.5
    got = place(Masks.from_dense(dense), Origin("", offset, scale), (9, 10)).dense()
    for y in range(9):
        for x in range(10):
            row, column = int((y + 0.5 - offset[1]) // scale[1]), int((x + 0.5 - offset[0]) // scale[0])
            inside = 0 <= row < 4 and 0 <= column < 4
            assert (got[:, y, x] == (dense[:, row, column] if inside else False)).all()
