import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools import mask as tool

from ocella.errors import InvalidValue, Mismatch
from ocella.types import Masks, Part

Dense = npt.NDArray[np.bool_]
any_masks = st.tuples(st.integers(0, 3), st.integers(1, 9), st.integers(1, 9)).flatmap(
    lambda shape: arrays(bool, shape)
)
RING = np.array([[1, 1, 1, 1, 1], [1, 0, 0, 0, 1], [1, 0, 1, 0, 1], [1, 0, 0, 0, 1], [1, 1, 1, 1, 1]], bool)


@given(any_masks)
def test_dense_packed_and_back(dense: Dense) -> None:
    assert (Masks.from_dense(dense).dense() == dense).all()


@given(any_masks)
def test_polygons_and_back(dense: Dense) -> None:
    packed = Masks.from_dense(dense)
    assert Masks.from_polygons(packed.polygons(), packed.size_hw) == packed


@given(any_masks)
def test_json_and_back(dense: Dense) -> None:
    packed = Masks.from_dense(dense)
    assert Masks.from_json(json.loads(json.dumps(packed.to_json()))) == packed


@given(any_masks)
def test_area_counts_pixels(dense: Dense) -> None:
    assert Masks.from_dense(dense).area.tolist() == dense.sum(axis=(1, 2)).tolist()


@given(any_masks)
def test_packed_as_pycocotools_does(dense: Dense) -> None:
    packed = Masks.from_dense(dense)
    for i, mask in enumerate(dense):
        coded = tool.frPyObjects({"counts": packed.run(i).tolist(), "size": list(packed.size_hw)}, *packed.size_hw)
        assert coded == tool.encode(np.asfortranarray(mask.astype(np.uint8)))


@given(any_masks)
def test_each_outer_ring_goes_one_way_round_and_holes_the_other(dense: Dense) -> None:
    for mask, parts in zip(dense, Masks.from_dense(dense).polygons(), strict=True):
        assert all(shoelace(part.outer) > 0 and all(shoelace(hole) < 0 for hole in part.holes) for part in parts)
        whole = sum(shoelace(part.outer) + sum(map(shoelace, part.holes)) for part in parts)
        assert whole == mask.sum()


def shoelace(ring: npt.NDArray[np.float64]) -> float:
    x, y = ring.T
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2)


def test_a_large_mask_is_exact_too() -> None:
    random = np.random.default_rng(0)
    blobs = np.kron(random.random((2, 12, 16)) < 0.5, np.ones((1, 20, 20))).astype(bool)
    noisy = blobs ^ (random.random(blobs.shape) < 0.01)
    packed = Masks.from_dense(noisy)
    assert Masks.from_polygons(packed.polygons(), packed.size_hw) == packed


def test_holes_and_parts() -> None:
    (parts,) = Masks.from_dense(RING[None]).polygons()
    assert [(len(p.outer), len(p.holes)) for p in parts] == [(4, 1), (4, 0)]
    assert parts[0].holes[0].min(axis=0).tolist() == [1, 1]
    assert parts[0].holes[0].max(axis=0).tolist() == [4, 4]


def test_pixels_that_touch_by_a_corner_are_two_parts() -> None:
    (parts,) = Masks.from_dense(np.eye(2, dtype=bool)[None]).polygons()
    assert len(parts) == 2


@pytest.mark.parametrize(
    ("ring", "area"),
    [
        ([[1, 1], [4, 1], [4, 3], [1, 3]], 6),
        ([[1.4, 1.4], [3.6, 1.4], [3.6, 2.6], [1.4, 2.6]], 6),
        ([[-5, -5], [50, -5], [50, 50], [-5, 50]], 48),
        ([[0, 0], [8, 6], [0, 6]], 24),
        ([[1.6, 1.6], [3.4, 1.6], [3.4, 3.4], [1.6, 3.4]], 1),
        ([[1, 1], [1, 1], [1, 1]], 0),
    ],
)
def test_polygons_hold_the_pixel_centres_inside(ring: list[list[float]], area: int) -> None:
    assert Masks.from_polygons([[Part(np.array(ring))]], (6, 8)).area.tolist() == [area]


@pytest.mark.parametrize(
    ("mask", "counts"),
    [
        ([[0, 0], [0, 0]], [4]),
        ([[1, 1], [1, 1]], [0, 4]),
        ([[0, 1], [0, 0]], [2, 1, 1]),
        ([[1, 0], [0, 1]], [0, 1, 2, 1]),
    ],
)
def test_run_lengths_are_column_by_column_background_first(mask: list[list[int]], counts: list[int]) -> None:
    assert Masks.from_dense([mask]).run(0).tolist() == counts
    assert Masks.from_counts([counts], (2, 2)).dense()[0].tolist() == np.array(mask, bool).tolist()


@pytest.mark.parametrize(
    ("index", "rows"),
    [(1, [1]), (-1, [2]), ([2, 0], [2, 0]), (slice(1, None), [1, 2]), ([], []), ([True, False, True], [0, 2])],
)
def test_indexing(index: Any, rows: list[int]) -> None:
    dense = np.random.default_rng(0).random((3, 4, 5)) < 0.5
    assert Masks.from_dense(dense)[index] == Masks.from_dense(dense[rows])


@given(any_masks)
def test_intersection_counts_common_pixels(dense: Dense) -> None:
    packed = Masks.from_dense(dense)
    assert (packed.intersection(packed) == (dense[:, None] & dense[None]).sum(axis=(2, 3))).all()


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([[3]], "must add up to 4 pixels, got"),
        ([[5, -1]], "must add up to 4 pixels"),
        ([[4], []], r"must add up to 4 pixels, got \[4, 0\]"),
    ],
)
def test_counts_refused(counts: list[list[int]], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        Masks.from_counts(counts, (2, 2))


@pytest.mark.parametrize("starts", [[], [1, 1], [0], [0, 2], [0, 1, 0, 1]])
def test_starts_refused(starts: list[int]) -> None:
    with pytest.raises(InvalidValue, match="starts must rise from 0 to 1"):
        Masks(np.array([4]), np.array(starts, np.int64), (2, 2))


def test_other_refusals() -> None:
    with pytest.raises(InvalidValue, match=r"dense must have shape \(n, n, n\), got \(2, 2\)"):
        Masks.from_dense(np.zeros((2, 2), bool))
    with pytest.raises(Mismatch, match="cannot be compared"):
        Masks.empty((2, 2)).intersection(Masks.empty((2, 3)))


def test_read_only_and_equal_by_value() -> None:
    masks = Masks.from_dense(RING[None])
    with pytest.raises(ValueError, match="read-only"):
        masks.counts[0] = 1
    assert masks == Masks.from_dense(RING[None])
    assert masks != Masks.from_dense(~RING[None])
    assert Masks.empty((2, 3)) != Masks.empty((3, 2))
    assert len(Masks.empty((2, 3))) == 0
