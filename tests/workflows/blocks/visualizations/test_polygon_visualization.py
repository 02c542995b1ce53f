import numpy as np
import pytest
from tests.workflows.blocks.visualizations.scene import IMAGE, OBJECTS, SIZE, drawn, supervision, with_supervision

from ocella.errors import InvalidWorkflow
from ocella.types import Detections, Masks


@pytest.mark.parametrize("thickness", [1, 2, 5])
def test_outlines_are_those_of_supervision(thickness: int) -> None:
    expected = with_supervision(supervision().PolygonAnnotator(thickness=thickness))
    assert (drawn("polygon", thickness=thickness) == expected).all()


def test_objects_without_masks_get_their_boxes() -> None:
    plain = OBJECTS.replace(masks=None)
    expected = with_supervision(supervision().BoxAnnotator(), plain)
    assert (drawn("roboflow_core/polygon", plain) == expected).all()
    assert (drawn("polygon", plain) == expected).all()


def test_nothing_and_nonsense() -> None:
    hollow = OBJECTS.replace(masks=Masks.from_dense(np.zeros((3, *SIZE), bool)))
    for found in (Detections.empty(), hollow):
        assert (drawn("polygon", found) == IMAGE.pixels).all()
    with pytest.raises(InvalidWorkflow, match="thickness"):
        drawn("polygon", thickness=1.5)
