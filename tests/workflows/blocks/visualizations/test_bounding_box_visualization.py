from typing import Any

import numpy as np
import pytest
from tests.workflows.blocks.visualizations.scene import IMAGE, OBJECTS, boxes, drawn, supervision, with_supervision

from ocella.errors import InvalidValue, InvalidWorkflow
from ocella.types import Detections, Image


@pytest.mark.parametrize("fields", [{}, {"thickness": 5}])
def test_boxes_are_those_of_supervision(fields: dict[str, Any]) -> None:
    expected = with_supervision(supervision().BoxAnnotator(**fields))
    assert (drawn("bounding_box", **fields) == expected).all()


@pytest.mark.parametrize("roundness", [0.2, 1.0])
def test_round_boxes_are_those_of_supervision(roundness: float) -> None:
    expected = with_supervision(supervision().RoundBoxAnnotator(roundness=roundness, thickness=3))
    assert (drawn("bounding_box", roundness=roundness, thickness=3) == expected).all()


def test_one_box_by_hand() -> None:
    black = Image(np.zeros((20, 20, 3), np.uint8))
    box = boxes([[4.9, 5, 15, 12.1]])
    made = drawn("bounding_box", box, black, thickness=1, color_palette="CUSTOM", custom_colors=["#010203"])
    expected = np.zeros((20, 20, 3), np.uint8)
    expected[5:13, 4:16] = (1, 2, 3)
    expected[6:12, 5:15] = 0
    assert (made == expected).all()


def test_colors_follow_the_axis() -> None:
    sv = supervision()
    for axis in ("INDEX", "CLASS", "TRACK"):
        expected = with_supervision(sv.BoxAnnotator(color_lookup=sv.ColorLookup[axis]))
        assert (drawn("bounding_box", color_axis=axis) == expected).all()
    with pytest.raises(InvalidValue, match="TRACK needs tracked objects"):
        drawn("bounding_box", OBJECTS.replace(track_id=None), color_axis="TRACK")


@pytest.mark.parametrize("name", ["ROBOFLOW", "Matplotlib Set1", "Matplotlib Viridis"])
def test_palettes_by_name(name: str) -> None:
    sv = supervision()
    plain = name.removeprefix("Matplotlib ")
    known = sv.ColorPalette.ROBOFLOW
    if plain != name:
        known = sv.ColorPalette.from_matplotlib({"Set1": "Set1", "Viridis": "viridis"}[plain], 4)
    made = drawn("bounding_box", color_palette=name, palette_size=4)
    np.testing.assert_allclose(made.astype(int), with_supervision(sv.BoxAnnotator(known)).astype(int), atol=1)


def test_custom_colors() -> None:
    made = drawn("bounding_box", color_palette="CUSTOM", custom_colors=["GREEN", "bgr(3, 2, 1)"], color_axis="INDEX")
    assert made[100, 25].tolist() == [0, 255, 0]
    assert made[70, 125].tolist() == [1, 2, 3]
    with pytest.raises(InvalidValue, match="CUSTOM needs custom_colors"):
        drawn("bounding_box", color_palette="CUSTOM")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"thickness": -1}, "thickness"),
        ({"roundness": 2}, "roundness"),
        ({"color_palette": "Rainbow"}, "color_palette"),
        ({"custom_colors": ["#12"]}, "colour must be like"),
    ],
)
def test_what_is_no_drawing(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidWorkflow, match=message):
        drawn("bounding_box", **fields)


def test_nothing_found_far_away_and_under_the_other_name() -> None:
    assert (drawn("bounding_box", Detections.empty(("a",))) == IMAGE.pixels).all()
    far = boxes([[-1e9, -1e9, 1e9, 1e9], [300, 300, 400, 400]])
    assert (drawn("bounding_box", far) == IMAGE.pixels).all()
    assert (drawn("roboflow_core/bounding_box") == drawn("bounding_box", copy_image=False)).all()
