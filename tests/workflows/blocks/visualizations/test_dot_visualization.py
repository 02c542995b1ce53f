from typing import get_args

import numpy as np
import pytest
from tests.workflows.blocks.visualizations.scene import IMAGE, OBJECTS, drawn, supervision, with_supervision

from ocella.errors import InvalidValue, InvalidWorkflow
from ocella.ops.anchors import Anchor
from ocella.types import Detections


@pytest.mark.parametrize("position", [a for a in get_args(Anchor) if a != "CENTER_OF_MASS"])
def test_dots_are_those_of_supervision(position: str) -> None:
    sv = supervision()
    expected = with_supervision(sv.DotAnnotator(radius=5, position=sv.Position[position], outline_thickness=2))
    assert (drawn("dot", radius=5, position=position, outline_thickness=2) == expected).all()


def test_defaults_are_those_of_supervision() -> None:
    assert (drawn("dot") == with_supervision(supervision().DotAnnotator())).all()


def test_center_of_mass() -> None:
    assert OBJECTS.masks is not None
    ys, xs = np.nonzero(OBJECTS.masks.dense()[1])
    made = drawn("dot", OBJECTS[1], radius=0, position="CENTER_OF_MASS")
    changed = np.argwhere((made != IMAGE.pixels).any(axis=2))
    assert changed.tolist() == [[int(ys.mean() + 0.5), int(xs.mean() + 0.5)]]
    with pytest.raises(InvalidValue, match="needs masks"):
        drawn("dot", OBJECTS.replace(masks=None), position="CENTER_OF_MASS")


def test_nothing_and_nonsense() -> None:
    assert (drawn("dot", Detections.empty()) == IMAGE.pixels).all()
    with pytest.raises(InvalidWorkflow, match="position"):
        drawn("dot", position="LEFT")
