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

from ocella.errors import InvalidValue, InvalidWorkflow
from ocella.types import Detections, Image, Masks, SegmentationMap


@pytest.mark.parametrize("opacity", [0.0, 0.35, 0.5, 1.0])
def test_masks_are_those_of_supervision(opacity: float) -> None:
    expected = with_supervision(supervision().MaskAnnotator(opacity=opacity))
    assert (drawn("mask", opacity=opacity) == expected).all()


def test_the_smallest_is_on_top() -> None:
    black = Image(np.zeros((6, 6, 3), np.uint8))
    dense = np.zeros((2, 6, 6), bool)
    dense[0, 2:4, 2:4] = dense[1, 1:5, 1:5] = True
    found = boxes([[2, 2, 4, 4], [1, 1, 5, 5]], [0, 1], ("a", "b"), masks=Masks.from_dense(dense))
    made = drawn("mask", found, black, color_palette="CUSTOM", custom_colors=["#640000", "#006400"])
    assert made[2, 2].tolist() == [50, 0, 0]
    assert made[1, 1].tolist() == [0, 50, 0]
    assert not made[0].any()


def test_a_map_of_classes() -> None:
    class_id = np.full(SIZE, -1)
    class_id[:10, :10], class_id[20:, :] = 0, 1
    made = drawn(
        "mask", SegmentationMap(class_id, ("sky", "sea")), color_palette="CUSTOM", custom_colors=["RED", "BLUE"]
    )
    half = (IMAGE.pixels.astype(float)) / 2
    np.testing.assert_allclose(made[:10, :10], half[:10, :10] + np.array([127.5, 0, 0]), atol=1)
    np.testing.assert_allclose(made[20:], half[20:] + np.array([0, 0, 127.5]), atol=1)
    assert (made[:10, 10:] == IMAGE.pixels[:10, 10:]).all()
    with pytest.raises(InvalidValue, match="class map must be of the image's"):
        drawn("mask", SegmentationMap(np.zeros((2, 2), int), ("sky",)))


def test_nothing_no_masks_and_nonsense() -> None:
    for found in (Detections.empty(), OBJECTS.replace(masks=None)):
        assert (drawn("mask", found) == IMAGE.pixels).all()
    hollow = OBJECTS.replace(masks=Masks.from_dense(np.zeros((3, *SIZE), bool)))
    assert (drawn("mask", hollow) == IMAGE.pixels).all()
    with pytest.raises(InvalidValue, match=r"masks must be of the image's \(160, 220\), got \(5, 5\)"):
        drawn("mask", OBJECTS.replace(masks=Masks.from_dense(np.ones((3, 5, 5), bool))))
    with pytest.raises(InvalidWorkflow, match="opacity"):
        drawn("mask", opacity=-1)
