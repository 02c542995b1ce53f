from typing import Any

import numpy as np
import pytest
from scipy import ndimage
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Image

PIXELS = np.random.default_rng(0).integers(0, 256, (14, 17, 3), np.uint8)


def transformed(type_name: str = "morphological_transformation", **fields: Any) -> np.ndarray:
    return np.asarray(run_step(type_name, {"image": Image(PIXELS)}, **fields)["image"].pixels)


def erode(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(ndimage.minimum_filter(pixels, (3, 3, 1), mode="constant", cval=255))


def dilate(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(ndimage.maximum_filter(pixels, (3, 3, 1), mode="constant", cval=0))


@pytest.mark.parametrize(
    ("operation", "wanted"),
    [
        ("Erosion", erode(PIXELS)),
        ("Dilation", dilate(PIXELS)),
        ("Opening", dilate(erode(PIXELS))),
        ("Closing", erode(dilate(PIXELS))),
        ("Opening then Closing", erode(dilate(dilate(erode(PIXELS))))),
        ("Gradient", dilate(PIXELS) - erode(PIXELS)),
        ("Top Hat", PIXELS - dilate(erode(PIXELS))),
        ("Black Hat", erode(dilate(PIXELS)) - PIXELS),
    ],
)
def test_as_scipy(operation: str, wanted: np.ndarray) -> None:
    assert (transformed(operation=operation, kernel_size=3) == wanted).all()


def test_the_default_is_opening_then_closing() -> None:
    assert (transformed() == transformed(operation="Opening then Closing", kernel_size=5)).all()


def test_the_first_version_worked_on_grey_and_closed() -> None:
    made = transformed("roboflow_core/morphological_transformation@v1", kernel_size=3)
    grey = np.rint(PIXELS @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)[..., None]
    assert np.abs(made.astype(int) - erode(dilate(grey))).max() <= 1
    assert (made[..., 0] == made[..., 2]).all()


def test_an_unknown_operation_is_refused() -> None:
    with pytest.raises(InvalidWorkflow, match=r"operation.*'Erosion'"):
        transformed(operation="Melting")
