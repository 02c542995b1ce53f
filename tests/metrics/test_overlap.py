import numpy as np
import pytest
from pycocotools import mask as tool

from ocella.errors import Mismatch
from ocella.metrics.overlap import box_overlap, mask_overlap
from ocella.types import Masks


def test_boxes_and_crowds_equal_pycocotools() -> None:
    random = np.random.default_rng(0)
    a, b = (np.sort(random.integers(0, 30, (n, 2, 2)), axis=1).reshape(n, 4).astype(np.float64) for n in (20, 15))
    crowd = random.random(15) < 0.4
    xywh = [np.concatenate([x[:, :2], x[:, 2:] - x[:, :2]], axis=1) for x in (a, b)]
    got = box_overlap(a, b, crowd)
    np.testing.assert_allclose(got, np.nan_to_num(tool.iou(*xywh, crowd.astype(np.uint8).tolist())), atol=1e-12)


def test_masks_and_crowds_equal_pycocotools() -> None:
    random = np.random.default_rng(0)
    a, b = (random.random((n, 17, 23)) < 0.5 for n in (4, 5))
    crowd = np.array([True, False, True, False, False])
    packed = [[tool.encode(np.asfortranarray(m.astype(np.uint8))) for m in x] for x in (a, b)]
    got = mask_overlap(Masks.from_dense(a), Masks.from_dense(b), crowd)
    np.testing.assert_allclose(got, tool.iou(*packed, crowd.astype(np.uint8).tolist()), atol=1e-12)


def test_nothing_overlaps_nothing() -> None:
    point = np.array([[3, 3, 3, 3]])
    assert box_overlap(point, point).tolist() == [[0]]
    assert box_overlap(np.zeros((0, 4)), point).shape == (0, 1)
    assert mask_overlap(Masks.empty((2, 2)), Masks.empty((2, 2))).shape == (0, 0)
    with pytest.raises(Mismatch, match=r"\(2, 2\) and \(2, 3\)"):
        mask_overlap(Masks.empty((2, 2)), Masks.empty((2, 3)))
