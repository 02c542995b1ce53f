import pytest
from tests.workflows.blocks.visualizations.scene import IMAGE, drawn, supervision, with_supervision

from ocella.errors import InvalidWorkflow
from ocella.types import Detections


def test_triangles_are_those_of_supervision() -> None:
    sv = supervision()
    assert (drawn("triangle") == with_supervision(sv.TriangleAnnotator())).all()
    expected = with_supervision(
        sv.TriangleAnnotator(base=21, height=14, position=sv.Position.CENTER_LEFT, outline_thickness=1)
    )
    assert (drawn("triangle", base=21, height=14, position="CENTER_LEFT", outline_thickness=1) == expected).all()


def test_nothing_and_nonsense() -> None:
    assert (drawn("triangle", Detections.empty()) == IMAGE.pixels).all()
    with pytest.raises(InvalidWorkflow, match="base"):
        drawn("triangle", base=-1)
