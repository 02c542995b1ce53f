from typing import Any

import cv2
import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidValue, InvalidWorkflow
from ocella.types import Image

RANDOM = np.random.default_rng(0)


def picture(seed: int) -> Image:
    noise = np.random.default_rng(seed).integers(0, 256, (24, 30, 3), np.uint8)
    return Image(np.asarray(cv2.resize(noise, (180, 144), interpolation=cv2.INTER_CUBIC), np.uint8))


def turned(image: Image) -> Image:
    return Image(image.pixels[::-1, ::-1].copy())


def compared(one: Any, two: Any, **fields: Any) -> dict[str, Any]:
    return dict(run_step("sift_comparison", {"input_1": one, "input_2": two}, **fields))


@pytest.mark.parametrize("matcher", ["FlannBasedMatcher", "BFMatcher"])
def test_the_same_turned_matches_and_another_does_not(matcher: str) -> None:
    same = compared(picture(1), turned(picture(1)), matcher=matcher, good_matches_threshold=20)
    other = compared(picture(1), picture(2), matcher=matcher, good_matches_threshold=20)
    assert (same["images_match"], other["images_match"]) == (True, False)
    assert same["good_matches_count"] > 5 * other["good_matches_count"]
    assert same["visualization_1"] is None


def test_good_pairs_counted_from_distances() -> None:
    """Lowe's ratio, by plain numpy."""
    one, two = RANDOM.uniform(0, 1, (40, 128)).astype(np.float32), RANDOM.uniform(0, 1, (50, 128)).astype(np.float32)
    two[:9] = one[:9] + RANDOM.normal(0, 0.05, (9, 128)).astype(np.float32)
    away = np.sort(np.linalg.norm(one[:, None] - two[None], axis=2), axis=1)
    wanted = int((away[:, 0] < 0.7 * away[:, 1]).sum())
    found = compared(one, two, matcher="BFMatcher", good_matches_threshold=wanted)
    assert (found["good_matches_count"], found["images_match"]) == (wanted, True)
    assert wanted == 9
    assert (found["keypoints_1"], found["keypoints_2"]) == (None, None)


def test_pictures_of_the_pairs() -> None:
    found = compared(picture(1), turned(picture(1)), visualize=True)
    assert found["visualization_1"].size_hw == (144, 180)
    assert found["visualization_matches"].size_hw == (144, 360)
    assert len(found["keypoints_2"]) == len(found["descriptors_2"])


def test_nothing_to_compare() -> None:
    found = compared(Image(np.zeros((30, 30, 3), np.uint8)), picture(1))
    assert (found["good_matches_count"], found["images_match"], found["keypoints_1"]) == (0, False, [])


def test_the_first_version_took_descriptors() -> None:
    rows = RANDOM.uniform(0, 1, (60, 128)).astype(np.float32)
    found = run_step("roboflow_core/sift_comparison@v1", {"descriptor_1": rows, "descriptor_2": rows})
    assert (found["good_matches_count"], found["images_match"]) == (60, True)


def test_wrong_values() -> None:
    with pytest.raises(InvalidWorkflow, match="ratio_threshold"):
        compared(picture(1), picture(1), ratio_threshold=1.5)
    with pytest.raises(InvalidValue, match=r"input_2 must be an image or descriptions"):
        compared(picture(1), np.zeros(5))
