from typing import Any

import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Image, Origin

PIXELS = np.random.default_rng(0).integers(0, 256, (4, 6, 3), np.uint8)


def changed(image: Image, **fields: Any) -> Image:
    made = run_step("image_preprocessing", {"image": image}, **fields)["image"]
    assert isinstance(made, Image)
    return made


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [("vertical", PIXELS[::-1]), ("horizontal", PIXELS[:, ::-1]), ("both", PIXELS[::-1, ::-1])],
)
def test_flips(kind: str, wanted: np.ndarray) -> None:
    assert (changed(Image(PIXELS), task_type="flip", flip_type=kind).pixels == wanted).all()


def test_resize_averages() -> None:
    made = changed(Image(PIXELS), task_type="resize", width=3, height=2)
    wanted = PIXELS.reshape(2, 2, 3, 2, 3).mean(axis=(1, 3))
    assert np.abs(made.pixels - wanted).max() <= 0.5


def test_positive_turns_are_anticlockwise_and_the_canvas_holds_all() -> None:
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[2:6, 50:58] = 255  # top right
    made = changed(Image(pixels), task_type="rotate", rotation_degrees=90)
    assert made.size_hw == (60, 40)
    rows, columns = np.nonzero(made.pixels[..., 0] > 128)
    assert (rows.mean() < 15, columns.mean() < 15) == (True, True)  # top left
    assert changed(Image(pixels), task_type="rotate", rotation_degrees=45).size_hw == (int(100 * 0.5**0.5),) * 2
    assert changed(Image(pixels), task_type="rotate", rotation_degrees=0).size_hw == (40, 60)


def test_the_result_is_an_image_of_its_own() -> None:
    part = Image(PIXELS, Origin("photo.jpg", (10, 20), (1, 1), (100, 100)))
    assert changed(part, task_type="resize").origin == Origin("photo.jpg")


@pytest.mark.parametrize(
    ("fields", "named"),
    [({"task_type": "shear"}, "task_type"), ({"task_type": "resize", "width": 0}, "width"), ({}, "task_type")],
)
def test_wrong_fields(fields: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidWorkflow, match=named):
        changed(Image(PIXELS), **fields)
