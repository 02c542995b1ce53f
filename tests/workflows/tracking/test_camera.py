from typing import get_args

import cv2
import numpy as np
import pytest

from ocella.types import Image
from ocella.workflows.tracking.camera import CameraMotion, Method

NOTHING = np.zeros((0, 4))


def picture(dx: float = 0, dy: float = 0, degrees: float = 0) -> Image:
    """A part of a large patterned wall, moved and turned."""
    noise = np.random.default_rng(5).integers(0, 256, (40, 50, 3), np.uint8)
    wall = cv2.GaussianBlur(cv2.resize(noise, (500, 400), interpolation=cv2.INTER_CUBIC), (5, 5), 1)
    turn = cv2.getRotationMatrix2D((250, 200), degrees, 1)
    turn[:, 2] += dx, dy
    return Image(cv2.warpAffine(wall, turn, (500, 400))[60:340, 60:440].copy())


@pytest.mark.parametrize("method", get_args(Method))
@pytest.mark.parametrize("downscale", [1, 2])
def test_a_shift_is_told(method: Method, downscale: int) -> None:
    camera = CameraMotion(method, downscale)
    assert camera.estimate(picture(), NOTHING).tolist() == [[1, 0, 0], [0, 1, 0]]
    moved = camera.estimate(picture(6, -4), NOTHING)
    assert moved == pytest.approx(np.array([[1, 0, 6], [0, 1, -4]]), abs=0.6)
    assert moved[:, :2] == pytest.approx(np.eye(2), abs=0.01)


@pytest.mark.parametrize("method", ["sparseOptFlow", "sift"])
def test_a_turn_is_told(method: Method) -> None:
    camera = CameraMotion(method, 1)
    camera.estimate(picture(), NOTHING)
    found = camera.estimate(picture(degrees=2), NOTHING)
    assert np.degrees(np.arcsin(found[0, 1])) == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize("method", get_args(Method))
def test_a_flat_picture_and_another_size_tell_nothing(method: Method) -> None:
    camera = CameraMotion(method)
    flat = Image(np.full((60, 80, 3), 90, np.uint8))
    for image in (flat, flat, picture(), Image(picture().pixels[:100, :120].copy())):
        found = camera.estimate(image, NOTHING)
        assert np.isfinite(found).all()
    assert camera.estimate(flat, NOTHING).tolist() == [[1, 0, 0], [0, 1, 0]]


@pytest.mark.parametrize("method", ["orb", "sift"])
def test_objects_that_move_are_left_out(method: Method) -> None:
    camera = CameraMotion(method, 1)
    still = picture().pixels.copy()
    part = still[50:230, 20:200].copy()
    moved = still.copy()
    moved[50:230, 60:240] = part
    boxes = np.array([[20, 50, 240, 230]], np.float64)
    camera.estimate(Image(still), boxes)
    assert camera.estimate(Image(moved), boxes) == pytest.approx(np.eye(2, 3), abs=0.3)
