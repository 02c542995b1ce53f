from typing import Any

import cv2
import numpy as np
import pytest
from scipy import ndimage
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Detections, Image

GREY = np.random.default_rng(0).integers(20, 236, (60, 80), np.uint8)
IMAGE = Image(np.repeat(GREY[..., None], 3, axis=2))
NOTHING: dict[str, Any] = {
    "show_zebra_warnings": False,
    "grid_overlay": "None",
    "show_hud": False,
    "show_focus_peaking": False,
    "show_center_marker": False,
}


def boxes(*xyxy: list[float]) -> Detections:
    n = len(xyxy)
    return Detections(
        np.array(xyxy, np.float32).reshape(-1, 4), np.ones(n, np.float32), np.zeros(n, np.int64), ("thing",)
    )


def focus(image: Image, detections: Detections | None = None, **fields: Any) -> dict[str, Any]:
    values: dict[str, Any] = {"image": image} if detections is None else {"image": image, "detections": detections}
    return dict(run_step("camera_focus", values, **fields))


def test_mean_squared_gradient_as_scipy() -> None:
    values = GREY.astype(np.float64)
    squares = sum(ndimage.sobel(values, axis, mode="mirror") ** 2 for axis in (0, 1))
    found = focus(IMAGE, boxes([10, 20, 30, 50], [-5, -5, 5.9, 5], [80, 0, 90, 10]), **NOTHING)
    assert found["focus_measure"] == pytest.approx(squares.mean(), rel=1e-6)
    first, second, third = found["bbox_focus_measures"]
    assert first == pytest.approx(squares[20:50, 10:30].mean(), rel=1e-5)
    assert second == pytest.approx(squares[:5, :5].mean(), rel=1e-5)
    assert third is None
    assert (found["image"].pixels == IMAGE.pixels).all()


def test_blur_lowers_it() -> None:
    soft = Image(np.asarray(cv2.GaussianBlur(IMAGE.pixels, (7, 7), 0), np.uint8))
    assert focus(soft)["focus_measure"] < focus(IMAGE)["focus_measure"] / 5
    assert focus(soft)["bbox_focus_measures"] == []
    assert focus(soft, boxes())["bbox_focus_measures"] == []


def test_the_first_version_took_brenners_measure() -> None:
    grey = np.array([[0, 10, 30, 30], [0, 10, 30, 30], [5, 90, 0, 0]], np.uint8)
    found = run_step("camera_focus@v1", {"image": Image(np.repeat(grey[..., None], 3, axis=2))})
    # rises two to the right: 30 20 / 30 20 / 0 0; two down: 5 80 0 0; the larger ones squared
    assert found["focus_measure"] == pytest.approx((30**2 + 80**2 + 30**2 + 20**2) / 12)
    assert found["image"].size_hw == (3, 4)


def test_what_the_picture_shows() -> None:
    pixels = np.full((60, 80, 3), 128, np.uint8)
    pixels[:20], pixels[40:] = 0, 255
    off = NOTHING | {"show_zebra_warnings": True}
    made = focus(Image(pixels), **off)["image"].pixels
    assert made[0, 0].tolist() == [0, 0, 127]  # blue on black
    assert made[59, 5].tolist() == [255, 127, 127]  # red on white
    assert made[0, 8].tolist() == [0, 0, 0]  # between two stripes
    assert (made[20:40] == 128).all()
    made = focus(Image(pixels), **NOTHING | {"show_focus_peaking": True})["image"].pixels
    assert made[20, 40].tolist() == [51, 204, 51]
    made = focus(Image(pixels), **NOTHING | {"grid_overlay": "4x4"})["image"].pixels
    assert made[5, [20, 40, 60]].tolist() == [[128] * 3] * 3
    made = focus(Image(pixels), **NOTHING | {"show_center_marker": True})["image"].pixels
    assert made[30, 40].tolist() == [255] * 3
    made = focus(Image(np.full((300, 400, 3), 200, np.uint8)), **NOTHING | {"show_hud": True})["image"].pixels
    assert (made[:80, :90] != 200).any(axis=2).mean() > 0.3
    assert (made[150:] == 200).all()


def test_a_tiny_picture_takes_all_of_it() -> None:
    assert focus(Image(np.zeros((1, 1, 3), np.uint8)))["focus_measure"] == 0
    assert focus(Image(np.zeros((1, 1, 3), np.uint8)), measure="brenner")["focus_measure"] == 0


def test_limits() -> None:
    with pytest.raises(InvalidWorkflow, match="grid_overlay"):
        focus(IMAGE, grid_overlay="9x9")
