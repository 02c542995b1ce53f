import cv2
import numpy as np
import pytest
from tests.workflows.blocks.visualizations.scene import (
    IMAGE,
    OBJECTS,
    SIZE,
    boxes,
    drawn,
    supervision,
    with_supervision,
)

from ocella.errors import InvalidWorkflow
from ocella.types import Detections, Image, Masks


@pytest.mark.parametrize(("opacity", "kernel"), [(0.8, 40), (0.5, 7), (1.0, 300)])
def test_halos_are_those_of_supervision(opacity: float, kernel: int) -> None:
    expected = with_supervision(supervision().HaloAnnotator(opacity=opacity, kernel_size=kernel))
    made = drawn("halo", opacity=opacity, kernel_size=kernel)
    np.testing.assert_allclose(made.astype(int), expected.astype(int), atol=1)


def test_one_object_without_a_mask_by_formula() -> None:
    black = Image(np.zeros((40, 40, 3), np.uint8))
    box = boxes([[15, 15, 25, 25]])
    made = drawn("roboflow_core/halo", box, black, color_palette="CUSTOM", custom_colors=["#ff0000"], kernel_size=9)
    light = np.zeros((40, 40), np.uint8)
    light[15:25, 15:25] = 255
    light = np.asarray(cv2.blur(light, (9, 9)), np.uint8)
    light[15:25, 15:25] = 0
    np.testing.assert_allclose(made[..., 0], light * (0.8 * light / light.max()), atol=3)
    assert not made[..., 1:].any()


def test_nothing_and_nonsense() -> None:
    hollow = OBJECTS.replace(masks=Masks.from_dense(np.zeros((3, *SIZE), bool)))
    for found in (Detections.empty(), hollow):
        assert (drawn("halo", found) == IMAGE.pixels).all()
    with pytest.raises(InvalidWorkflow, match="kernel_size"):
        drawn("halo", kernel_size=0)
