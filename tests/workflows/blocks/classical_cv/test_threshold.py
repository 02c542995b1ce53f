from typing import Any

import cv2
import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Image

RANDOM = np.random.default_rng(0)
GREY = RANDOM.integers(0, 256, (20, 30), np.uint8)
VALUES = np.array([[0, 99, 100, 101, 255]], np.uint8)


def grey_image(grey: np.ndarray) -> Image:
    return Image(np.repeat(grey[..., None], 3, axis=2))


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("binary", [0, 0, 0, 200, 200]),
        ("binary_inv", [200, 200, 200, 0, 0]),
        ("trunc", [0, 99, 100, 100, 100]),
        ("tozero", [0, 0, 0, 101, 255]),
        ("tozero_inv", [0, 99, 100, 0, 0]),
    ],
)
def test_against_one_value(kind: str, wanted: list[int]) -> None:
    fields: dict[str, Any] = {"threshold_type": kind, "thresh_value": 100, "max_value": 200}
    made = run_step("threshold", {"image": grey_image(VALUES)}, **fields)["image"]
    assert made.pixels.tolist() == [[[v] * 3 for v in wanted]]


def test_otsu_splits_two_groups() -> None:
    grey = np.where(np.arange(600).reshape(20, 30) % 3 == 0, 40, 170).astype(np.uint8)
    made = run_step("threshold", {"image": grey_image(grey)}, threshold_type="otsu", thresh_value=0)["image"]
    assert (made.pixels[..., 0] == np.where(grey == 170, 255, 0)).all()


@pytest.mark.parametrize(
    ("kind", "method"),
    [("adaptive_mean", cv2.ADAPTIVE_THRESH_MEAN_C), ("adaptive_gaussian", cv2.ADAPTIVE_THRESH_GAUSSIAN_C)],
)
def test_adaptive_as_opencv(kind: str, method: int) -> None:
    made = run_step("threshold", {"image": grey_image(GREY)}, threshold_type=kind, thresh_value=0)["image"]
    wanted = cv2.adaptiveThreshold(GREY, 255, method, cv2.THRESH_BINARY, 11, 2)
    assert (made.pixels == wanted[..., None]).all()


def test_colours_one_by_one() -> None:
    made = run_step("threshold", {"image": Image(np.array([[[200, 50, 127]]], np.uint8))}, thresh_value=126)["image"]
    assert made.pixels.tolist() == [[[255, 0, 255]]]


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(InvalidWorkflow, match=r"threshold_type.*'binary'"):
        run_step("threshold", {"image": grey_image(GREY)}, threshold_type="sharp", thresh_value=1)
