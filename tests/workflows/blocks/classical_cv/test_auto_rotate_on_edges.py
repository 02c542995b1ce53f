from typing import Any

import cv2
import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Image


def lines(degrees: float, *, level: bool = False) -> Image:
    """White bars on grey, turned anticlockwise."""
    pixels = np.full((200, 240, 3), 90, np.uint8)
    for at in range(20, 240, 40):
        pixels[slice(at, at + 8) if level else slice(None), slice(None) if level else slice(at, at + 8)] = 230
    matrix = cv2.getRotationMatrix2D((120, 100), degrees, 1.0)
    return Image(np.asarray(cv2.warpAffine(pixels, matrix, (240, 200), borderValue=(90, 90, 90)), np.uint8))


@pytest.mark.parametrize(
    ("image", "target", "wanted"),
    [
        (lines(7), "vertical", -7),
        (lines(-12.5), "vertical", 12.5),
        (lines(7, level=True), "horizontal", -7),
        (lines(7, level=True), "either", -7),
        (lines(7, level=True), "vertical", 83),
        (lines(20), "either", -20),
    ],
)
def test_the_turn_is_undone(image: Image, target: str, wanted: float) -> None:
    made = run_step("auto_rotate_on_edges", {"image": image}, target_orientation=target)
    assert made["angle"] == pytest.approx(wanted, abs=0.3)
    assert made["image"].size_hw != image.size_hw


@pytest.mark.parametrize(
    ("image", "fields"),
    [
        (lines(0), {}),
        (lines(7), {"skip_below_degrees": 8}),
        (lines(30), {"max_correction_degrees": 20}),
        (Image(np.full((50, 50, 3), 90, np.uint8)), {}),
    ],
)
def test_left_as_it_is(image: Image, fields: dict[str, Any]) -> None:
    made = run_step("auto_rotate_on_edges", {"image": image}, **fields)
    assert made["angle"] == 0
    assert (made["image"].pixels == image.pixels).all()


def test_found_in_a_small_copy_too() -> None:
    made = run_step("auto_rotate_on_edges", {"image": lines(7)}, internal_resolution=120)
    assert made["angle"] == pytest.approx(-7, abs=1)


def test_an_unknown_orientation() -> None:
    with pytest.raises(InvalidWorkflow, match="target_orientation"):
        run_step("auto_rotate_on_edges", {"image": lines(1)}, target_orientation="upright")
