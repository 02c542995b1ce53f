import pytest
from tests.workflows.blocks.visualizations.scene import IMAGE, drawn, supervision, with_supervision

from ocella.errors import InvalidWorkflow
from ocella.types import Detections


def test_ellipses_are_those_of_supervision() -> None:
    assert (drawn("ellipse") == with_supervision(supervision().EllipseAnnotator())).all()
    expected = with_supervision(supervision().EllipseAnnotator(thickness=3, start_angle=0, end_angle=90))
    assert (drawn("ellipse", thickness=3, start_angle=0, end_angle=90) == expected).all()


def test_nothing_and_nonsense() -> None:
    assert (drawn("ellipse", Detections.empty()) == IMAGE.pixels).all()
    with pytest.raises(InvalidWorkflow, match="start_angle"):
        drawn("ellipse", start_angle="up")
