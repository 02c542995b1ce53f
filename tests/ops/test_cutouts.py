import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ocella.errors import InvalidValue
from ocella.ops.cutouts import cells, covered, cutouts
from ocella.types import Detections, Masks

SHAPES = st.tuples(st.integers(0, 3), st.integers(1, 7), st.integers(1, 7))


@given(arrays(bool, SHAPES))
def test_a_cutout_is_the_mask_in_its_tight_box(dense: np.ndarray) -> None:
    size_hw = (dense.shape[1], dense.shape[2])
    for mask, part in zip(dense, cutouts(Masks.from_dense(dense), size_hw), strict=True):
        whole = np.zeros(size_hw, np.uint8)
        part.of(whole)[:] = part.inside
        assert (whole == mask).all()
        edges = (
            [part.inside[side] for side in (0, -1)] + [part.inside[:, side] for side in (0, -1)] if mask.any() else []
        )
        assert all(edge.any() for edge in edges)


def test_runs_of_no_length() -> None:
    masks = Masks.from_counts([[0, 0, 2, 1, 0, 2, 4], [3, 0, 6]], (3, 3))
    first, second = cutouts(masks, (3, 3))
    assert (first.x, first.y, first.inside.tolist()) == (0, 0, [[0, 1], [0, 1], [1, 0]])
    assert second.inside.size == 0


def test_masks_of_another_image_are_refused() -> None:
    with pytest.raises(InvalidValue, match=r"masks must be of the image's \(4, 4\), got \(2, 2\)"):
        cutouts(Masks.empty((2, 2)), (4, 4))


def test_boxes_in_whole_pixels() -> None:
    boxes = np.array([[-1.9, 1.9, 2.5, 99], [-1e9, 0, 1e9, 1]], np.float32)
    assert cells(boxes) == [[-1, 1, 2, 99], [-30000, 0, 30000, 1]]
    assert cells(boxes, (10, 20)) == [[0, 1, 2, 10], [0, 0, 20, 1]]
    assert cells(np.zeros((0, 4), np.float32)) == []


def test_what_objects_cover() -> None:
    xyxy = np.array([[1, 0, 3, 2], [2, 1, 9, 9]], np.float32)
    boxes = Detections(xyxy, np.ones(2, np.float32), np.zeros(2, np.int64), ("a",))
    assert covered(boxes, (3, 4)).tolist() == [[0, 1, 1, 0], [0, 1, 1, 1], [0, 0, 1, 1]]
    dense = np.zeros((2, 3, 4), bool)
    dense[0, 0, 0] = dense[1, 0, :2] = True
    assert covered(boxes.replace(masks=Masks.from_dense(dense)), (3, 4)).tolist() == [[1, 1, 0, 0], [0] * 4, [0] * 4]
