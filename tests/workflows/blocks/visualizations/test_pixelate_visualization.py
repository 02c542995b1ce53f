import numpy as np
import pytest
from tests.workflows.blocks.visualizations.scene import IMAGE, OBJECTS, boxes, drawn, supervision, with_supervision

from ocella.errors import InvalidWorkflow
from ocella.types import Detections


@pytest.mark.parametrize("size", [7, 20])
def test_squares_are_those_of_supervision(size: int) -> None:
    expected = with_supervision(supervision().PixelateAnnotator(pixel_size=size))
    assert (drawn("pixelate", pixel_size=size) == expected).all()


def test_a_small_object_becomes_its_mean() -> None:
    made = drawn("pixelate", OBJECTS[1], pixel_size=30)
    inside = made[58:82, 85:125].reshape(-1, 3)
    assert (inside == inside[0]).all()
    np.testing.assert_allclose(inside[0], IMAGE.pixels[58:82, 85:125].mean(axis=(0, 1)), atol=0.51)


def test_nothing_outside_and_nonsense() -> None:
    assert (drawn("pixelate", Detections.empty()) == IMAGE.pixels).all()
    outside = boxes([[-50, -50, -10, -10]])
    assert (drawn("pixelate", outside) == IMAGE.pixels).all()
    with pytest.raises(InvalidWorkflow, match="pixel_size"):
        drawn("pixelate", pixel_size=0)
