import pytest
from tests.workflows.blocks.visualizations.scene import IMAGE, drawn, supervision, with_supervision

from ocella.errors import InvalidWorkflow
from ocella.types import Detections


@pytest.mark.parametrize("thickness", [1, 4])
def test_circles_are_those_of_supervision(thickness: int) -> None:
    expected = with_supervision(supervision().CircleAnnotator(thickness=thickness))
    assert (drawn("circle", thickness=thickness) == expected).all()


def test_nothing_and_nonsense() -> None:
    assert (drawn("circle", Detections.empty()) == IMAGE.pixels).all()
    with pytest.raises(InvalidWorkflow, match="thickness"):
        drawn("circle", thickness="thick")
