from typing import Any

import cv2
import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Detections, Image, Masks
from ocella.workflows.blocks.classical_cv._edges import edges_of, large_parts


def disc(radius: int, center: tuple[int, int] = (60, 60)) -> np.ndarray:
    rows, columns = np.mgrid[:120, :120]
    return np.asarray((columns - center[0]) ** 2 + (rows - center[1]) ** 2 <= radius**2)


TRUE = disc(30)
IMAGE = Image(np.repeat(np.where(TRUE, 200, 60).astype(np.uint8)[..., None], 3, axis=2))


def with_mask(*masks: np.ndarray) -> Detections:
    n = len(masks)
    dense = np.stack(masks) if n else np.zeros((0, 120, 120), bool)
    boxes = np.tile(np.array([[20, 20, 100, 100]], np.float32), (n, 1))
    return Detections(boxes, np.ones(n, np.float32), np.zeros(n, np.int64), ("disc",), Masks.from_dense(dense))


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    return float((a & b).sum() / (a | b).sum())


@pytest.mark.parametrize("start", [disc(25), disc(36), disc(30, (64, 57))])
def test_a_mask_comes_to_lie_on_the_edge(start: np.ndarray) -> None:
    made = run_step("mask_edge_snap", {"image": IMAGE, "segmentation": with_mask(start)})
    snapped = made["refined_segmentation"].masks.dense()[0]
    assert overlap(start, TRUE) < 0.85
    assert overlap(snapped, TRUE) > 0.93
    assert made["refined_segmentation"].xyxy.tolist() == [[20, 20, 100, 100]]
    edges = made["edges"].masks.dense()[0]
    outline = cv2.dilate(TRUE.astype(np.uint8), np.ones((7, 7))) - cv2.erode(TRUE.astype(np.uint8), np.ones((7, 7)))
    assert edges.any()
    assert not (edges & (outline == 0)).any()
    rows, columns = np.nonzero(edges)
    assert made["edges"].xyxy.tolist() == [[columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]]


def test_too_far_away_or_flat_it_stays() -> None:
    far = disc(12)
    near: dict[str, Any] = {"pixel_tolerance": 5, "boundary_band_width": 5}
    made = run_step("mask_edge_snap", {"image": IMAGE, "segmentation": with_mask(far)}, **near)
    assert overlap(made["refined_segmentation"].masks.dense()[0], far) > 0.99
    assert len(made["edges"]) == 0
    flat = Image(np.full((120, 120, 3), 90, np.uint8))
    made = run_step("mask_edge_snap", {"image": flat, "segmentation": with_mask(far, np.zeros_like(far))})
    assert overlap(made["refined_segmentation"].masks.dense()[0], far) > 0.99
    assert not made["refined_segmentation"].masks.dense()[1].any()


def test_without_objects_all_edges_are_told() -> None:
    made = run_step("mask_edge_snap", {"image": IMAGE, "segmentation": with_mask()})
    assert len(made["refined_segmentation"]) == 0
    assert made["edges"].masks.area[0] > 100


def thinned(bits: np.ndarray) -> np.ndarray:
    """One round of Zhang and Suen (1984), pixel by pixel."""
    for first in (True, False):
        gone = []
        for y, x in np.argwhere(bits):
            p = [
                bits[y + dy, x + dx]
                for dy, dx in ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
            ]
            rises = sum(not a and b for a, b in zip(p, [*p[1:], p[0]], strict=True))
            north, east, south, west = p[::2]
            walls = (
                (north and east and south, east and south and west)
                if first
                else (north and east and west, north and south and west)
            )
            if 2 <= sum(p) <= 6 and rises == 1 and not any(walls):
                gone.append((y, x))
        for y, x in gone:
            bits[y, x] = False
    return bits


def test_thinning_and_size_of_parts() -> None:
    strength = np.zeros((40, 40), np.float32)
    strength[10:13, 5:25] = 9  # a bar of 3 x 20
    strength[20:34, 20:24] = 9
    strength[30:34, 15:30] = 9
    assert (edges_of(strength, 0.5, 9, 1) == thinned(edges_of(strength, 0.5, 9, 0))).all()
    bar = strength[:15] > 0
    assert large_parts(bar, 38).sum() == 60  # an outline around 2 x 19
    assert large_parts(bar, 39).sum() == 0


@pytest.mark.parametrize("fields", [{"pixel_tolerance": 0}, {"sigma": 11}, {"adaptive_window_size": 2}])
def test_limits(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidWorkflow, match=next(iter(fields))):
        run_step("mask_edge_snap", {"image": IMAGE, "segmentation": with_mask()}, **fields)
