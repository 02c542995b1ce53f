from typing import Any

import numpy as np
import pytest

from ocella.errors import InvalidWorkflow
from ocella.types import Image, Origin
from ocella.workflows.compile import compile_workflow
from ocella.workflows.run import Session

PIXELS = np.random.default_rng(0).integers(0, 256, (100, 250, 3), np.uint8)


def sliced(pixels: np.ndarray, type_name: str = "image_slicer", **fields: Any) -> list[Image]:
    definition = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [{"type": type_name, "name": "slice", "image": "$inputs.image", **fields}],
        "outputs": [{"type": "JsonField", "name": "slices", "selector": "$steps.slice.slices"}],
    }
    with Session(compile_workflow(definition)) as session:
        return list(session.run({"image": [Image(pixels, Origin("photo.jpg"))]})[0]["slices"])


def boxes(slices: list[Image]) -> list[tuple[float, ...]]:
    return [(*s.origin.offset_xy, s.origin.offset_xy[0] + s.width, s.origin.offset_xy[1] + s.height) for s in slices]


def test_all_of_one_size_and_none_twice() -> None:
    made = sliced(PIXELS, slice_width=100, slice_height=60, overlap_ratio_width=0.2, overlap_ratio_height=0.5)
    # 80 apart: 0, 80, 150 (160 moved back); 30 apart: 0, 30, 40
    assert boxes(made) == [(x, y, x + 100, y + 60) for y in (0, 30, 40) for x in (0, 80, 150)]
    for part, (left, top, right, bottom) in zip(made, boxes(made), strict=True):
        assert (part.pixels == PIXELS[int(top) : int(bottom), int(left) : int(right)]).all()


def test_in_the_first_version_the_last_ones_end_with_the_image() -> None:
    fields = {"slice_width": 100, "slice_height": 60, "overlap_ratio_height": 0.5}
    made = sliced(PIXELS, "roboflow_core/image_slicer@v1", **fields)
    ys = [(0, 60), (30, 90), (60, 100), (90, 100)]
    xs = [(0, 100), (80, 180), (160, 250), (240, 250)]
    assert boxes(made) == [(x1, y1, x2, y2) for y1, y2 in ys for x1, x2 in xs]


@pytest.mark.parametrize("type_name", ["image_slicer", "image_slicer@v1"])
def test_every_pixel_is_in_a_slice(type_name: str) -> None:
    seen = np.zeros(PIXELS.shape[:2], bool)
    for left, top, right, bottom in boxes(sliced(PIXELS, type_name, slice_width=70, slice_height=33)):
        seen[int(top) : int(bottom), int(left) : int(right)] = True
    assert seen.all()


def test_a_small_image_is_one_slice() -> None:
    (made,) = sliced(PIXELS)
    assert made.size_hw == (100, 250)


def test_limits() -> None:
    with pytest.raises(InvalidWorkflow, match=r"overlap_ratio_width.*less than 1"):
        sliced(PIXELS, overlap_ratio_width=1)
