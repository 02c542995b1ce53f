from typing import Any

import cv2
import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Image

PIXELS = np.random.default_rng(0).integers(0, 256, (12, 15, 3), np.uint8)


def blurred(**fields: Any) -> np.ndarray:
    return np.asarray(run_step("image_blur", {"image": Image(PIXELS)}, **fields)["image"].pixels)


def test_average_is_the_mean_of_the_square() -> None:
    made = blurred(blur_type="average", kernel_size=3)
    assert (made[5, 7] == np.rint(PIXELS[4:7, 6:9].mean(axis=(0, 1)))).all()


def test_median_of_the_square() -> None:
    made = blurred(blur_type="median", kernel_size=3)
    assert (made[5, 7] == np.median(PIXELS[4:7, 6:9], axis=(0, 1))).all()


@pytest.mark.parametrize("size", [3, 5, 9])
def test_gaussian_and_bilateral_as_opencv(size: int) -> None:
    assert (blurred(kernel_size=size) == cv2.GaussianBlur(PIXELS, (size, size), 0)).all()
    assert (blurred(blur_type="bilateral", kernel_size=size) == cv2.bilateralFilter(PIXELS, size, 75, 75)).all()


def test_even_sizes() -> None:
    assert blurred(blur_type="average", kernel_size=4).shape == PIXELS.shape
    for kind in ("median", "gaussian"):
        assert (blurred(blur_type=kind, kernel_size=4) == blurred(blur_type=kind, kernel_size=5)).all()
    with pytest.raises(InvalidWorkflow, match="kernel_size"):
        blurred(kernel_size=0)
