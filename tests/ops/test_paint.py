import numpy as np
import pytest

from ocella.ops.paint import blend, lay, paint_masks, paint_plate, points_of
from ocella.types import COCO_PERSON, Keypoints, Masks, Skeleton


def black(height: int = 8, width: int = 8) -> np.ndarray:
    return np.zeros((height, width, 3), np.uint8)


@pytest.mark.parametrize("opacity", [0.0, 0.3, 0.5, 1.0])
def test_a_blend_is_the_weighted_mean(opacity: float) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 6, 3), np.uint8)
    where = np.eye(5, 6, dtype=np.uint8)
    expected = np.where(where[..., None] > 0, pixels * (1 - opacity) + np.array([200, 0, 77]) * opacity, pixels)
    blend(pixels, where, (200, 0, 77), opacity)
    np.testing.assert_allclose(pixels, expected, atol=0.51)
    blend(pixels, None, (1, 2, 3), 1.0)
    assert (pixels == [1, 2, 3]).all()


def test_a_blend_of_a_part_leaves_the_rest() -> None:
    pixels = black()
    blend(pixels[2:4, 3:5], None, (9, 9, 9), 1.0)
    assert pixels.sum() == 4 * 27
    assert (pixels[2:4, 3:5] == 9).all()


def test_of_masks_that_overlap_only_the_smallest_is_mixed_in() -> None:
    dense = np.zeros((3, 8, 8), bool)
    dense[0, 1:7, 1:7] = dense[1, 2:4, 2:4] = dense[2, 2:4, 3:5] = True
    pixels = black()
    paint_masks(pixels, Masks.from_dense(dense), [(100, 0, 0), (0, 100, 0), (0, 0, 100)], 0.5)
    assert pixels[2, 2:6].tolist() == [[0, 50, 0], [0, 50, 0], [0, 0, 50], [50, 0, 0]]
    assert not pixels[0].any()


@pytest.mark.parametrize(("corner", "count"), [((0, 0), 4), ((-1, -1), 1), ((7, 7), 1), ((8, 0), 0), ((0, -2), 0)])
def test_a_picture_is_laid_on_as_far_as_it_is_within(corner: tuple[int, int], count: int) -> None:
    pixels = black()
    lay(pixels, np.full((2, 2, 3), 5, np.uint8), corner)
    assert (pixels == 5).all(axis=2).sum() == count


def test_plates() -> None:
    pixels = black()
    paint_plate(pixels, (1, 2, 5, 4), (7, 7, 7))
    assert np.argwhere(pixels.any(axis=2)).tolist() == [[y, x] for y in (2, 3, 4) for x in range(1, 6)]
    rounded = black(20, 20)
    paint_plate(rounded, (2, 2, 17, 17), (7, 7, 7), 5)
    assert not rounded[2, 2].any()
    assert rounded[2, 10].any()
    assert rounded[10, 2].any()


def test_points_in_whole_pixels() -> None:
    xy = np.array([[[1.9, 2.2], [0, 0], [5, 1], [3, 4], [1e9, 5]]], np.float32)
    seen = np.array([[1, 1, 1, 0, 1]], bool)
    points = Keypoints(xy, np.ones((1, 5), np.float32), seen, Skeleton(tuple("abcde")))
    assert points_of(points) == [[(1, 2), None, (5, 1), None, (30000, 5)]]
    assert points_of(Keypoints.empty(COCO_PERSON)) == []
