from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocella.training.augment import Augment

RED = np.array([255, 0, 0], np.uint8)
HEIGHT, WIDTH = 48, 64


def scene(x: int, y: int, w: int, h: int) -> tuple[Any, Any]:
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    pixels[y : y + h, x : x + w] = RED
    return pixels, np.array([[x, y, x + w, y + h]], np.float32)


@settings(deadline=None)
@given(st.integers(0, 40), st.integers(0, 28), st.integers(8, 24), st.integers(8, 20), st.integers(0, 10_000))
def test_boxes_stay_on_their_pixels(x: int, y: int, w: int, h: int, seed: int) -> None:
    pixels, boxes = scene(x, y, w, h)
    geometry = Augment(vertical_flip=True, light=0, colour=0)
    changed, moved, class_id = geometry.boxes(pixels, boxes, np.array([7]), np.random.default_rng(seed))
    assert changed.shape == pixels.shape
    assert len(moved) == len(class_id)
    if len(moved):
        red = (changed[..., 0] > 127) & (changed[..., 1] < 100)
        rows, columns = np.nonzero(red)
        seen = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        assert np.abs(moved[0] - seen).max() <= 1.01


@pytest.mark.parametrize("flip", [True, False])
@pytest.mark.parametrize("vertical_flip", [True, False])
def test_without_strength_only_mirrors(*, flip: bool, vertical_flip: bool) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    whole = np.array([[0, 0, WIDTH, HEIGHT]], np.float32)
    quiet = Augment(flip=flip, vertical_flip=vertical_flip, strength=0)
    ways = {True: (1, -1), False: (1,)}
    mirrors = [pixels[::a, ::b].tobytes() for a in ways[vertical_flip] for b in ways[flip]]
    found = set()
    for seed in range(40):
        changed, boxes, _ = quiet.boxes(pixels, whole, np.array([0]), np.random.default_rng(seed))
        found.add(changed.tobytes())
        assert np.allclose(boxes, whole)
    assert found == set(mirrors)


def test_a_box_that_leaves_the_image_is_dropped() -> None:
    pixels, boxes = scene(0, 0, 8, 8)
    far = Augment(flip=False, shift=0.9, scale=0, light=0)
    counts = [len(far.boxes(pixels, boxes, np.array([0]), np.random.default_rng(s))[1]) for s in range(40)]
    assert set(counts) == {0, 1}


def test_the_same_generator_gives_the_same_change() -> None:
    pixels, boxes = scene(10, 10, 20, 20)
    one, two = (Augment().boxes(pixels, boxes, np.array([0]), np.random.default_rng(3)) for _ in range(2))
    assert all(np.array_equal(np.asarray(a), np.asarray(b)) for a, b in zip(one, two, strict=True))
