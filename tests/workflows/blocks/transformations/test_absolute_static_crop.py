from typing import Any

import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Image, Moment, Origin

PIXELS = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
MOMENT = Moment("gate", 1, 0.1)
IMAGE = Image(PIXELS, Origin("photo.jpg"), MOMENT)


def crop(x: int, y: int, width: int, height: int, **fields: Any) -> Any:
    fields = {"x_center": x, "y_center": y, "width": width, "height": height, **fields}
    found = run_step("absolute_static_crop", {"images": IMAGE}, **fields)
    return found and found["crops"]


@pytest.mark.parametrize(
    ("window", "box"),
    [
        ((30, 20, 20, 10), (20, 15, 40, 25)),
        ((30, 20, 5, 5), (28, 18, 33, 23)),  # 27.5 and 17.5 go to the even number
        ((5, 5, 20, 20), (0, 0, 15, 15)),
        ((58, 38, 10, 10), (53, 33, 60, 40)),
        ((30, 20, 500, 500), (0, 0, 60, 40)),
    ],
)
def test_the_part_within_the_image(window: tuple[int, int, int, int], box: tuple[int, int, int, int]) -> None:
    made = crop(*window)
    left, top, right, bottom = box
    assert (made.pixels == PIXELS[top:bottom, left:right]).all()
    assert made.origin == Origin("photo.jpg", (left, top), root_hw=(40, 60))
    assert made.moment == MOMENT


@pytest.mark.parametrize("window", [(100, 20, 20, 10), (30, 70, 20, 10), (65, 20, 10, 10)])
def test_nothing_outside(window: tuple[int, int, int, int]) -> None:
    assert crop(*window) is None


def test_the_alias_and_a_wrong_field() -> None:
    fields: dict[str, Any] = {"x_center": 10, "y_center": 10, "width": 4, "height": 4}
    assert run_step("AbsoluteStaticCrop", {"image": IMAGE}, **fields)["crops"].size_hw == (4, 4)
    with pytest.raises(InvalidWorkflow, match="width"):
        crop(10, 10, 0, 4)
