from typing import Any, get_args

import numpy as np
import pytest
from tests.workflows.blocks.visualizations.scene import (
    IMAGE,
    OBJECTS,
    SIZE,
    boxes,
    drawn,
    supervision,
    with_supervision,
)
from tests.workflows.running import run_step

from ocella.errors import InvalidValue, InvalidWorkflow
from ocella.ops.anchors import Anchor
from ocella.types import Detections, Image

NAMES = ["bird", "cat", "bird"]
SMALL: dict[str, Any] = {"text_scale": 0.4, "text_padding": 3}


def written(labels: list[str], position: str = "TOP_LEFT", **fields: Any) -> np.ndarray:
    sv = supervision()
    annotator = sv.LabelAnnotator(text_position=sv.Position[position], **{"text_scale": 1.0, **fields})
    return with_supervision(annotator, labels=labels)


@pytest.mark.parametrize("position", [a for a in get_args(Anchor) if a != "CENTER_OF_MASS"])
def test_labels_are_where_supervision_writes_them(position: str) -> None:
    assert (drawn("label", text_position=position, **SMALL) == written(NAMES, position, **SMALL)).all()


def test_defaults_and_round_corners() -> None:
    assert (drawn("label") == written(NAMES)).all()
    fields: dict[str, Any] = {"text_thickness": 2, "border_radius": 6, **SMALL}
    color = supervision().Color(0, 255, 0)
    assert (drawn("label", text_color="green", **fields) == written(NAMES, text_color=color, **fields)).all()


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("Confidence", ["0.91", "0.50", "0.34"]),
        ("Class and Confidence", ["bird 0.91", "cat 0.50", "bird 0.34"]),
        ("Index", ["0", "1", "2"]),
        ("Dimensions", ["70, 80 90x80", "105, 70 40x23", "197, 72 45x114"]),
        ("Tracker Id", ["7", "30", "-1"]),
        ("Time In Zone", ["In zone: 3.46s", "In zone: N/A", "In zone: 12.0s"]),
        ("Area (mask)", ["Area (mask): 10.00", "Area (mask): 2.50", "Area (mask): N/A"]),
        ("Area (converted)", ["Area (conv): N/A"] * 3),
        ("time_in_zone", ["3.456", "0.0", "12.0"]),
    ],
)
def test_texts(text: str, labels: list[str]) -> None:
    assert (drawn("label", text=text, **SMALL) == written(labels, **SMALL)).all()


def test_area_is_of_the_mask_or_else_of_the_box() -> None:
    sv = supervision()
    for found in (OBJECTS, OBJECTS.replace(masks=None)):
        labels = [str(int(a)) for a in found.to_supervision().area]
        expected = with_supervision(sv.LabelAnnotator(**SMALL), found, labels=labels)
        assert (drawn("label", found, text="Area", **SMALL) == expected).all()


def test_without_tracks_and_unknown_texts() -> None:
    plain = OBJECTS.replace(track_id=None)
    labels = ["No Tracker ID"] * 3
    expected = with_supervision(supervision().LabelAnnotator(**SMALL), plain, labels=labels)
    assert (drawn("label", plain, text="Tracker Id", **SMALL) == expected).all()
    with pytest.raises(InvalidValue, match=r"text must be one of Class, .*\(area_px, time_in_zone\), got 'Weight'"):
        drawn("label", text="Weight")


def test_automatic_size_is_for_a_shorter_side_of_1080() -> None:
    large = Image(np.zeros((540, 2000, 3), np.uint8))
    made = drawn("label", image=large, text_size_mode="Automatic", text_scale=1.4)
    assert (made == drawn("label", image=large, text_scale=0.7)).all()
    small = drawn("label", text_size_mode="Automatic", text_padding=3)
    assert (small == drawn("label", text_scale=0.3, text_padding=3)).all()


def test_the_older_version_knows_no_modes() -> None:
    values = {"image": IMAGE, "predictions": OBJECTS}
    old = run_step("LabelVisualization", values, text_scale=0.5, text_size_mode="Automatic")["image"]
    assert (old.pixels == drawn("label", text_scale=0.5)).all()


def test_other_scripts_are_written() -> None:
    other = OBJECTS[:2].replace(classes=("貓", "dog", "ñandú"))
    assert (drawn("label", other, **SMALL) != drawn("label", OBJECTS[:2], **SMALL)).any()


def test_no_text_and_several_lines() -> None:
    plain = Image(np.zeros((*SIZE, 3), np.uint8))
    box = boxes([[20, 100, 90, 140]], 0, ("",))
    made = np.asarray(drawn("label", box, plain, text_padding=2).any(axis=2))
    high = made.any(axis=1).sum()
    assert (made.any(axis=0).sum(), made.sum()) == (5, 5 * high)
    two = np.asarray(drawn("label", box.replace(classes=("\n\n",)), plain, text_padding=2).any(axis=2))
    assert two.any(axis=1).sum() == 2 * (high - 5) + 3 * 2 + 1


def test_nothing_and_nonsense() -> None:
    assert (drawn("label", Detections.empty()) == IMAGE.pixels).all()
    wrong: dict[str, Any] = {"text_scale": 0, "text_position": "MIDDLE", "text_color": "no colour"}
    for field, value in wrong.items():
        with pytest.raises(InvalidWorkflow, match=field):
            drawn("label", **{field: value})
