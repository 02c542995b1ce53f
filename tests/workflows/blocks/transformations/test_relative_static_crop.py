from typing import Any

import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.ops.crop import crop
from ocella.types import Image, Origin

PIXELS = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
IMAGE = Image(PIXELS, Origin("photo.jpg"))
MIDDLE: dict[str, Any] = {"x_center": 0.5, "y_center": 0.5, "width": 0.5, "height": 0.5}


@pytest.mark.parametrize(
    "name", ["relative_static_crop", "roboflow_core/relative_statoic_crop@v1", "RelativeStaticCrop"]
)
def test_every_name(name: str) -> None:
    made = run_step(name, {"images": IMAGE}, **MIDDLE)["crops"]
    assert (made.pixels == PIXELS[10:30, 15:45]).all()
    assert made.origin == Origin("photo.jpg", (15, 10), root_hw=(40, 60))


@pytest.mark.parametrize(
    ("fields", "box"),
    [
        ({"x_center": 0.9, "width": 0.4}, (42, 10, 60, 30)),
        ({"y_center": 0, "height": 0.5}, (15, 0, 45, 10)),
        ({"width": 1, "height": 1}, (0, 0, 60, 40)),
    ],
)
def test_the_part_within_the_image(fields: dict[str, Any], box: tuple[int, int, int, int]) -> None:
    made = run_step("relative_static_crop", {"images": IMAGE}, **MIDDLE | fields)["crops"]
    left, top, right, bottom = box
    assert (made.pixels == PIXELS[top:bottom, left:right]).all()


def test_a_crop_of_a_crop_leads_to_the_root() -> None:
    (outer,) = crop(IMAGE, [(20, 10, 60, 40)])
    made = run_step("relative_static_crop", {"images": outer}, **MIDDLE)["crops"]
    assert made.origin == Origin("photo.jpg", (30, 18), root_hw=(40, 60))
    assert (made.pixels == PIXELS[18:33, 30:50]).all()


def test_pixels_are_shared() -> None:
    made = run_step("relative_static_crop", {"images": IMAGE}, **MIDDLE)["crops"]
    assert np.shares_memory(made.pixels, IMAGE.pixels)
    assert not made.pixels.flags.writeable


def test_nothing_and_wrong_fields() -> None:
    assert run_step("relative_static_crop", {"images": IMAGE}, **MIDDLE | {"width": 0}) is None
    with pytest.raises(InvalidWorkflow, match="x_center"):
        run_step("relative_static_crop", {"images": IMAGE}, **MIDDLE | {"x_center": 1.5})
