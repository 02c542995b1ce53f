from io import BytesIO
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow
from tests.workflows.running import Step, run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Image, Moment


def grey(level: int, size_hw: tuple[int, int] = (30, 40), source: str = "gate") -> Image:
    return Image(np.full((*size_hw, 3), level, np.uint8), moment=Moment(source, level, 0.0))


def levels(frames: list[bytes]) -> list[int]:
    return [round(float(np.asarray(Pillow.open(BytesIO(f))).mean())) for f in frames]


def test_the_last_pictures_newest_first() -> None:
    with Step("image_stack", stack_size=2) as step:
        said = [step.run(image=grey(level)) for level in (10, 20, 30)]
    assert [levels(s["frames"]) for s in said] == [[10], [20, 10], [30, 20]]
    assert [s["frames_count"] for s in said] == [1, 2, 2]


def test_large_pictures_fit_as_opencv_shrinks_them() -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (200, 100, 3), np.uint8)
    said = run_step("image_stack", {"image": Image(pixels)}, resolution_width=64, resolution_height=100)
    small = np.asarray(Pillow.open(BytesIO(said["frames"][0])))
    expected = cv2.resize(pixels, (50, 100), interpolation=cv2.INTER_AREA)
    assert small.shape == expected.shape
    assert np.abs(cv2.blur(small, (9, 9)).astype(int) - cv2.blur(expected, (9, 9))).mean() < 3


def test_clear_forgets_and_videos_are_kept_apart() -> None:
    with Step("roboflow_core/image_stack@v1") as step:
        step.run(image=grey(10))
        assert step.run(image=grey(99, source="yard"))["frames_count"] == 1
        assert step.run(image=grey(20))["frames_count"] == 2
    with Step("image_stack", clear=True) as step:
        assert [step.run(image=grey(level))["frames_count"] for level in (1, 2, 3)] == [1, 1, 1]


@pytest.mark.parametrize(("field", "value"), [("stack_size", 65), ("stack_size", 0), ("resolution_width", 63)])
def test_limits(field: str, value: Any) -> None:
    with pytest.raises(InvalidWorkflow, match=field):
        run_step("image_stack", {"image": grey(1)}, **{field: value})
