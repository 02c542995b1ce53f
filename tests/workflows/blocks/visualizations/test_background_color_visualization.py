import numpy as np
import pytest
from tests.workflows.blocks.visualizations.scene import IMAGE, OBJECTS, drawn, supervision, with_supervision

from ocella.errors import InvalidWorkflow
from ocella.types import Detections


@pytest.mark.parametrize("masks", [True, False])
def test_the_background_is_that_of_supervision(masks: bool) -> None:  # noqa: FBT001  # a table's column
    sv = supervision()
    found = OBJECTS if masks else OBJECTS.replace(masks=None)
    expected = with_supervision(sv.BackgroundOverlayAnnotator(sv.Color(10, 200, 30), 0.35), found)
    made = drawn("background_color", found, color="rgb(10, 200, 30)", opacity=0.35)
    np.testing.assert_allclose(made.astype(int), expected.astype(int), atol=1)  # halves are rounded either way
    assert ((made == IMAGE.pixels).all(axis=2) == (expected == IMAGE.pixels).all(axis=2)).mean() > 0.999


def test_without_objects_all_is_background() -> None:
    made = drawn("background_color", Detections.empty())
    np.testing.assert_allclose(made, IMAGE.pixels / 2, atol=0.51)
    assert (drawn("background_color", Detections.empty(), opacity=1, color="#0000ff") == [0, 0, 255]).all()


def test_nonsense() -> None:
    with pytest.raises(InvalidWorkflow, match="colour must be like"):
        drawn("background_color", color="no colour")
