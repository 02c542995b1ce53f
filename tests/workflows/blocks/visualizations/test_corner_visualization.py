import pytest
from tests.workflows.blocks.visualizations.scene import IMAGE, drawn, supervision, with_supervision

from ocella.errors import InvalidWorkflow
from ocella.types import Detections


@pytest.mark.parametrize(("thickness", "length"), [(4, 15), (1, 3)])
def test_corners_are_those_of_supervision(thickness: int, length: int) -> None:
    expected = with_supervision(supervision().BoxCornerAnnotator(thickness=thickness, corner_length=length))
    assert (drawn("corner", thickness=thickness, corner_length=length) == expected).all()


def test_defaults_nothing_and_nonsense() -> None:
    assert (drawn("corner") == drawn("corner", thickness=4, corner_length=15)).all()
    assert (drawn("corner", Detections.empty()) == IMAGE.pixels).all()
    with pytest.raises(InvalidWorkflow, match="corner_length"):
        drawn("corner", corner_length=-3)
