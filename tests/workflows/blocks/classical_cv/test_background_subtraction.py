import cv2
import numpy as np
import pytest
from tests.workflows.running import Step

from ocella.errors import InvalidWorkflow
from ocella.types import Image, Moment

RANDOM = np.random.default_rng(0)


def frame(index: int, source: str, *, box: bool = False) -> Image:
    pixels = RANDOM.integers(100, 104, (40, 50, 3), np.uint8)
    if box:
        pixels[10:20, 10:30] = 240
    return Image(pixels, moment=Moment(source, index, index / 10))


def test_as_opencv_and_each_video_for_itself() -> None:
    with Step("background_subtraction", threshold=20, history=30) as step:
        wanted = cv2.createBackgroundSubtractorMOG2(30, 20, True)
        for index in range(12):
            image = frame(index, "gate", box=index == 11)
            made = step.run(image=image)["image"]
            assert (made.pixels == np.asarray(wanted.apply(image.pixels))[..., None]).all()
            step.run(image=frame(index, "yard", box=True))
        assert made.pixels[15, 20].tolist() == [255] * 3
        assert made.pixels[30, 40].tolist() == [0] * 3
        assert not step.run(image=frame(12, "yard", box=True))["image"].pixels[15, 20].any()


def test_limits() -> None:
    with pytest.raises(InvalidWorkflow, match="history"), Step("background_subtraction", history=0) as step:
        step.run(image=frame(0, "gate"))
