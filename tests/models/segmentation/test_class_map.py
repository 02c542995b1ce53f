"""One class for every pixel, in bounded memory."""

import numpy as np
import pytest
import torch
from torch.nn.functional import interpolate

from ocella.models.segmentation.class_map import best_class, shortened
from ocella.types import Image


@pytest.mark.parametrize("size_hw", [(40, 60), (5, 7), (2600, 2600)])
def test_the_best_class_is_that_of_all_at_once(size_hw: tuple[int, int]) -> None:
    """The largest is compared in two parts: four classes of it fit, then two."""
    scores = torch.rand(6, 24, 32, generator=torch.Generator().manual_seed(1))
    whole = interpolate(scores[None], size_hw, mode="bilinear", align_corners=False)[0].argmax(dim=0)
    found = best_class(scores, size_hw)
    assert found.dtype == np.int32
    assert np.array_equal(found, whole.numpy())


def test_of_equals_the_first_is_taken() -> None:
    assert best_class(torch.zeros(3, 2, 2), (4, 4)).tolist() == np.zeros((4, 4)).tolist()


@pytest.mark.parametrize(
    ("size_hw", "expected"),
    [((480, 640), (480, 640)), ((10, 160), (10, 160)), ((10, 161), (10, 160)), ((5000, 1), (16, 1))],
)
def test_only_very_long_images_are_shortened(size_hw: tuple[int, int], expected: tuple[int, int]) -> None:
    assert shortened(Image(np.zeros((*size_hw, 3), np.uint8))).size_hw == expected
