import numpy as np
import pytest
from tests.workflows.blocks.visualizations.scene import IMAGE, boxes, drawn, supervision, with_supervision

from ocella.errors import InvalidWorkflow
from ocella.types import Detections, Image


@pytest.mark.parametrize("opacity", [0.0, 0.3, 1.0])
def test_filled_boxes_are_those_of_supervision(opacity: float) -> None:
    expected = with_supervision(supervision().ColorAnnotator(opacity=opacity))
    assert (drawn("color", opacity=opacity) == expected).all()


def test_half_of_a_color_by_hand() -> None:
    grey = Image(np.full((10, 10, 3), 100, np.uint8))
    box = boxes([[2, 2, 5, 5]])
    made = drawn("color", box, grey, color_palette="CUSTOM", custom_colors=["rgb(200, 0, 50)"])
    assert made[3, 3].tolist() == [150, 50, 75]
    assert made[0, 0].tolist() == [100, 100, 100]


def test_nothing_and_nonsense() -> None:
    assert (drawn("color", Detections.empty()) == IMAGE.pixels).all()
    with pytest.raises(InvalidWorkflow, match="opacity"):
        drawn("color", opacity=1.5)
