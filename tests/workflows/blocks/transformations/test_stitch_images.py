import cv2
import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Image

NOISE = np.random.default_rng(0).integers(0, 256, (25, 50, 3), np.uint8)
SCENE = np.asarray(cv2.resize(NOISE, (300, 150), interpolation=cv2.INTER_CUBIC), np.uint8)


def test_two_halves_make_the_whole() -> None:
    left, right = Image(SCENE[:, :190].copy()), Image(SCENE[:, 110:].copy())
    for one, two in ((left, right), (right, left)):
        made = run_step("stitch_images", {"image1": one, "image2": two})["stitched_image"]
        assert abs(made.width - 300) <= 2
        assert abs(made.height - 150) <= 2
        inner = np.abs(made.pixels[5:140, 5:290].astype(int) - SCENE[5:140, 5:290])
        assert inner.mean() < 12  # up to a pixel's shift of noise


def test_without_common_parts_there_is_none() -> None:
    flat = Image(np.full((60, 60, 3), 90, np.uint8))
    assert run_step("stitch_images", {"image1": Image(SCENE), "image2": flat}) is None


def test_one_nearest_point_is_enough_of_the_same() -> None:
    values = {"image1": Image(SCENE), "image2": Image(SCENE)}
    made = run_step("stitch_images", values, count_of_best_matches_per_query_descriptor=1)["stitched_image"]
    assert abs(made.width - 300) <= 1


def test_limits() -> None:
    values = {"image1": Image(SCENE), "image2": Image(SCENE)}
    with pytest.raises(InvalidWorkflow, match="count_of_best_matches"):
        run_step("stitch_images", values, count_of_best_matches_per_query_descriptor=0)
