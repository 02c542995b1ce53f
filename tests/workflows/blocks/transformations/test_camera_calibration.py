from typing import Any

import cv2
import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Image, Origin

NOISE = np.random.default_rng(0).integers(0, 256, (12, 16, 3), np.uint8)
PIXELS = np.asarray(cv2.resize(NOISE, (160, 120), interpolation=cv2.INTER_CUBIC), np.uint8)
LENS = {"fx": 150, "fy": 140, "cx": 80, "cy": 60, "k1": 0, "k2": 0, "k3": 0, "p1": 0, "p2": 0}


def straightened(pixels: np.ndarray, type_name: str = "camera_calibration", **fields: Any) -> np.ndarray:
    image = Image(pixels, Origin("photo.jpg", (5, 5)))
    made = run_step(type_name, {"image": image}, **LENS | fields)["calibrated_image"]
    assert made.origin == Origin("photo.jpg")
    return np.asarray(made.pixels)


@pytest.mark.parametrize("fisheye", [False, True])
def test_a_perfect_lens_changes_nothing(*, fisheye: bool) -> None:
    made = straightened(PIXELS, use_fisheye_model=fisheye)
    inner = (slice(2, -2), slice(2, -2))
    assert np.abs(made[inner].astype(int) - PIXELS[inner]).mean() < 4


def test_as_opencv() -> None:
    bends = {"k1": -0.3, "k2": 0.1, "p1": 0.001, "p2": -0.002, "k3": 0.01}
    camera = np.array([[150, 0, 80], [0, 140, 60], [0, 0, 1]], np.float64)
    row = np.array([-0.3, 0.1, 0.001, -0.002, 0.01])
    shown, _ = cv2.getOptimalNewCameraMatrix(camera, row, (160, 120), 1, (160, 120))
    wanted = cv2.undistort(PIXELS, camera, row, None, shown)
    assert (straightened(PIXELS, "roboflow_core/camera-calibration@v1", **bends) == wanted).all()


@pytest.mark.parametrize(("k1", "k2"), [(-0.5, 0.0), (0.2, 0.0), (-0.4, 0.1)])
def test_the_division_model_undoes_itself(k1: float, k2: float) -> None:
    """A dot bent outwards from the centre by r_straight = r / (1 + k1 r^2 + k2 r^4) goes back."""
    straight = np.zeros((120, 160, 3), np.uint8)
    for radius in (0.1, 0.2, 0.3):
        share = radius / (1 + k1 * radius**2 + k2 * radius**4)
        cv2.circle(straight, (round(80 + radius * 150), 60), 2, (255, 255, 255), -1)
        wanted = round(80 + share * 150)
        made = straightened(straight, k1=k1, k2=k2, use_fisheye_model=True)
        assert made[60, wanted, 0] > 128, (radius, wanted)


def test_a_lens_has_a_focal_length() -> None:
    with pytest.raises(InvalidWorkflow, match="fx"):
        straightened(PIXELS, fx=0)
