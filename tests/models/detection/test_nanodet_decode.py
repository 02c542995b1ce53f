from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocella.models.detection.nanodet_decode import (
    BINS,
    MEAN_BGR,
    STD_BGR,
    STRIDES,
    cells,
    nanodet_decode,
    nanodet_prepare,
    stretch,
)
from ocella.types import Detections

INPUT_HW = (64, 96)
CLASSES = ("bolt", "nut")
COUNT = sum((INPUT_HW[0] // s) * (INPUT_HW[1] // s) for s in STRIDES)
SURE = 30.0


def outputs() -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Of one image in which the network sees nothing."""
    return np.zeros((1, COUNT, 2), np.float32), np.zeros((1, COUNT, 4 * BINS), np.float32)


def put(scores: Any, distances: Any, cell: int, class_id: int, score: float, bins: tuple[int, int, int, int]) -> None:
    """An object at a cell whose sides are whole bins away: left, top, right, bottom."""
    scores[0, cell, class_id] = score
    distances[0, cell] = 0
    for side, at in enumerate(bins):
        distances[0, cell, side * BINS + at] = SURE


def decode(scores: Any, distances: Any, size_hw: tuple[int, int] = INPUT_HW, **options: Any) -> Detections:
    (found,) = nanodet_decode(scores, distances, INPUT_HW, [size_hw], CLASSES, **options)
    return found


def test_cells_lie_row_by_row_in_the_middle_of_their_stride() -> None:
    centres, strides = cells(INPUT_HW)
    assert len(centres) == len(strides) == COUNT
    assert centres[:2].tolist() == [[4, 4], [12, 4]]
    assert centres[12].tolist() == [4, 12]
    assert (centres[-1].tolist(), strides[-1]) == ([80, 48], 32)
    assert [int((strides == s).sum()) for s in STRIDES] == [96, 24, 6]


@pytest.mark.parametrize(
    ("cell", "bins", "expected"),
    [
        (12 * 3 + 5, (1, 1, 1, 1), (36, 20, 52, 36)),
        (12 * 3 + 5, (0, 0, 0, 0), (44, 28, 44, 28)),
        (96 + 6 + 2, (2, 1, 3, 1), (8, 8, 88, 40)),
        (120 + 1, (1, 0, 1, 1), (16, 16, 80, 48)),
    ],
)
def test_a_box_is_its_cell_s_centre_and_its_distances_in_strides(
    cell: int, bins: tuple[int, int, int, int], expected: tuple[int, ...]
) -> None:
    scores, distances = outputs()
    put(scores, distances, cell, 1, 0.75, bins)
    found = decode(scores, distances)
    np.testing.assert_allclose(found.xyxy, [expected], atol=1e-4)
    assert (found.names, found.confidence.tolist(), found.classes) == (["nut"], [0.75], CLASSES)


def test_between_two_bins_the_distance_is_their_mean() -> None:
    scores, distances = outputs()
    put(scores, distances, 12 * 3 + 5, 0, 0.9, (1, 1, 1, 1))
    distances[0, 12 * 3 + 5, 2] = SURE
    np.testing.assert_allclose(decode(scores, distances).xyxy, [[44 - 12, 20, 52, 36]], atol=1e-4)


@pytest.mark.parametrize("size_hw", [(64, 96), (640, 480), (1, 1), (7, 1000)])
def test_boxes_are_in_the_image_s_pixels_and_inside(size_hw: tuple[int, int]) -> None:
    scores, distances = outputs()
    put(scores, distances, 12 * 3 + 5, 0, 0.9, (1, 1, 1, 1))
    put(scores, distances, 0, 1, 0.8, (10, 10, 10, 10))
    found = decode(scores, distances, size_hw)
    scale = np.array([size_hw[1] / 96, size_hw[0] / 64] * 2)
    np.testing.assert_allclose(found.xyxy, [[36, 20, 52, 36] * scale, [0, 0, 84, 64] * scale], rtol=1e-5)


def test_of_one_object_seen_twice_the_more_confident_stays() -> None:
    scores, distances = outputs()
    put(scores, distances, 12 * 3 + 5, 0, 0.6, (3, 3, 3, 3))
    put(scores, distances, 12 * 3 + 6, 0, 0.7, (4, 3, 2, 3))
    assert decode(scores, distances).confidence.tolist() == pytest.approx([0.7])
    scores[0, 12 * 3 + 5] = (0, 0.6)
    assert decode(scores, distances).names == ["bolt", "nut"]


def test_threshold_and_the_most_objects() -> None:
    scores, distances = outputs()
    for i in range(12):
        put(scores, distances, i * 8, 0, 0.3 + 0.05 * i, (0, 0, 1, 1))
    assert len(decode(scores, distances, threshold=0.6)) == 6
    assert len(decode(scores, distances, threshold=0.95)) == 0
    assert decode(scores, distances, most=3).confidence.tolist() == pytest.approx([0.85, 0.8, 0.75])


def test_every_image_of_a_batch_has_its_own_size() -> None:
    scores, distances = outputs()
    put(scores, distances, 12 * 3 + 5, 0, 0.9, (1, 1, 1, 1))
    both = np.concatenate([scores, scores]), np.concatenate([distances, distances])
    one, two = nanodet_decode(*both, INPUT_HW, [(64, 96), (128, 192)], CLASSES)
    np.testing.assert_allclose(one.xyxy * 2, two.xyxy)
    assert nanodet_decode(scores[:0], distances[:0], INPUT_HW, [], CLASSES) == []


@given(seed=st.integers(0, 10_000), size_hw=st.tuples(st.integers(1, 500), st.integers(1, 500)))
@settings(max_examples=30)
def test_whatever_the_network_says_the_boxes_are_sound(seed: int, size_hw: tuple[int, int]) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.random((1, COUNT, 2), np.float32) ** 4
    distances = rng.normal(0, 60, (1, COUNT, 4 * BINS)).astype(np.float32)
    found = decode(scores, distances, size_hw, threshold=0.3)
    assert len(found) <= 100
    assert (found.xyxy >= 0).all()
    assert (found.xyxy <= [size_hw[1], size_hw[0]] * 2).all()
    assert (np.diff(found.confidence) <= 0).all()


def test_the_input_is_bgr_less_the_mean_over_the_deviation() -> None:
    pixels = np.zeros((30, 40, 3), np.uint8)
    pixels[:] = (10, 20, 30)
    out = nanodet_prepare(pixels, INPUT_HW)
    assert out.shape == (3, *INPUT_HW)
    assert out.flags.c_contiguous
    expected = (np.array([30, 20, 10]) - MEAN_BGR) / STD_BGR
    np.testing.assert_allclose(out, np.broadcast_to(expected[:, None, None], out.shape), rtol=1e-5)


@pytest.mark.parametrize("size_hw", [(2, 2), (64, 96), (200, 10), (500, 800)])
def test_stretching_fills_the_input_and_keeps_sides_apart(size_hw: tuple[int, int]) -> None:
    pixels = np.zeros((*size_hw, 3), np.uint8)
    pixels[:, size_hw[1] // 2 :] = 255
    out = stretch(pixels, INPUT_HW)
    assert out.shape == (*INPUT_HW, 3)
    assert out.dtype == np.uint8
    assert out[:, :5].max() == 0
    assert out[:, -5:].min() == 255
