from typing import get_args

import pytest
from tests.workflows.blocks.visualizations.scene import IMAGE, boxes, drawn, supervision, with_supervision

from ocella.errors import InvalidWorkflow
from ocella.ops.anchors import Anchor
from ocella.types import Detections


@pytest.mark.parametrize("position", [a for a in get_args(Anchor) if a != "CENTER_OF_MASS"])
def test_crops_are_those_of_supervision(position: str) -> None:
    sv = supervision()
    expected = with_supervision(sv.CropAnnotator(sv.Position[position], scale_factor=1.5, border_thickness=1))
    assert (drawn("crop", position=position, scale_factor=1.5, border_thickness=1) == expected).all()


def test_defaults_are_those_of_supervision() -> None:
    assert (drawn("crop") == with_supervision(supervision().CropAnnotator())).all()


def test_nothing_outside_and_nonsense() -> None:
    outside = boxes([[500, 10, 600, 20]])
    assert (drawn("crop", Detections.empty()) == IMAGE.pixels).all()
    assert (drawn("crop", outside) == IMAGE.pixels).all()
    with pytest.raises(InvalidWorkflow, match="scale_factor"):
        drawn("crop", scale_factor=0)
