"""Whole scenes are checked against pycocotools in test_average_precision."""

import numpy as np
import pytest

from ocella.errors import Mismatch
from ocella.metrics.keypoint_similarity import COCO_SIGMAS, keypoint_similarity
from ocella.types import COCO_PERSON, Keypoints, Skeleton

PAIR = Skeleton(("a", "b"))


def points(*xy: list[list[float]], visible: list[list[bool]] | None = None) -> Keypoints:
    seen = np.ones((len(xy), 2), bool) if visible is None else np.array(visible)
    return Keypoints(np.array(xy), seen, seen, PAIR)


@pytest.mark.parametrize(
    ("found", "truth", "wanted"),
    [
        (points([[0, 0], [5, 5]]), points([[0, 0], [5, 5]]), 1),
        # at a distance of one sigma's spread the similarity is exp(-1/2)
        (points([[2, 0], [5, 5]]), points([[0, 0], [5, 5]]), (np.exp(-0.5) + 1) / 2),
        (points([[99, 99], [5, 5]]), points([[0, 0], [5, 5]], visible=[[False, True]]), 1),
        (points([[9, 9], [-9, 19]]), points([[0, 0], [5, 5]], visible=[[False, False]]), 1),
        (points([[500, 0], [500, 0]]), points([[0, 0], [5, 5]], visible=[[False, False]]), 0),
    ],
)
def test_similarity(found: Keypoints, truth: Keypoints, wanted: float) -> None:
    got = keypoint_similarity(found, truth, np.array([100.0]), np.array([[0, 0, 10, 10]]), (0.1, 0.1))
    assert got == pytest.approx(np.array([[wanted]]))


def test_coco_has_a_sigma_a_point() -> None:
    assert len(COCO_SIGMAS) == len(COCO_PERSON.names)
    with pytest.raises(Mismatch, match="got 2 found, 2 true points and 17 sigmas"):
        keypoint_similarity(points([[0, 0], [1, 1]]), points([[0, 0], [1, 1]]), np.ones(1), np.zeros((1, 4)))
