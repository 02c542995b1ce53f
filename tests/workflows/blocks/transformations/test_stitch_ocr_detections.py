from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Detections

Piece = tuple[str, Sequence[float]]


def text(pieces: Sequence[Piece], algorithm: str = "tolerance", direction: str = "left_to_right", **fields: Any) -> str:
    names = tuple(dict.fromkeys(name for name, _ in pieces))
    ids = np.array([names.index(name) for name, _ in pieces], np.int64)
    boxes = np.array([box for _, box in pieces], np.float32).reshape(-1, 4)
    found = Detections(boxes, np.ones(len(pieces), np.float32), ids, names)
    fields = {"stitching_algorithm": algorithm, "reading_direction": direction, **fields}
    out: str = run_step("stitch_ocr_detections", {"predictions": found}, **fields)["ocr_text"]
    return out


def letters(word: str, x: float, y: float, step: float = 12, slant: float = 0) -> list[Piece]:
    """Letters of 10 by 14 pixels, `step` apart."""
    return [(c, [x + i * step, y + i * slant, x + i * step + 10, y + i * slant + 14]) for i, c in enumerate(word)]


TWO_LINES = [("c", [5, 42, 15, 56]), ("b", [20, 11, 30, 25]), ("a", [5, 9, 15, 23]), ("d", [20, 40, 30, 54])]


@pytest.mark.parametrize(
    ("direction", "wanted"),
    [
        ("left_to_right", "ab\ncd"),
        ("right_to_left", "ba\ndc"),
        ("vertical_top_to_bottom", "ac bd"),
        ("vertical_bottom_to_top", "db ca"),
    ],
)
@pytest.mark.parametrize("algorithm", ["tolerance", "collimate", "otsu"])
def test_directions(algorithm: str, direction: str, wanted: str) -> None:
    assert text(TWO_LINES, algorithm, direction, collimate_tolerance=1) == wanted


def test_a_line_across_the_edge_of_a_grid() -> None:
    # 14 and 16 would fall into different rows of a grid of 10
    assert text([("a", [0, 14, 9, 30]), ("b", [10, 16, 19, 30])]) == "ab"


@pytest.mark.parametrize(("tolerance", "wanted"), [(4, "a\nb\nc"), (6, "ab\nc"), (11, "abc")])
def test_tolerance(tolerance: int, wanted: str) -> None:
    pieces: list[Piece] = [("a", [0, 10, 9, 20]), ("b", [10, 15, 19, 25]), ("c", [20, 20, 29, 30])]
    assert text(pieces, tolerance=tolerance) == wanted


def test_delimiters() -> None:
    words: list[Piece] = [("one", [0, 0, 30, 10]), ("two", [40, 0, 70, 10]), ("three", [0, 50, 40, 60])]
    assert text(words, delimiter=" ") == "one two \n three"
    assert text(words, "collimate", delimiter=" ") == "one two\nthree"


def test_gaps_between_words() -> None:
    line = letters("big", 0, 0) + letters("cat", 60, 1) + letters("ran", 0, 40)
    assert text(line, "otsu") == "big cat\nran"
    assert text(line, "otsu", delimiter="-") == "b-i-g-c-a-t\nr-a-n"


def test_one_word_stays_one() -> None:
    assert text(letters("balloon", 0, 0), "otsu") == "balloon"
    assert text(letters("a", 0, 0), "otsu") == "a"


def test_the_multiplier_widens_what_is_one_word() -> None:
    line = letters("ab", 0, 0) + letters("cd", 30, 0) + letters("ef", 80, 0)
    assert text(line, "otsu") == "abcd ef"
    assert text(line, "otsu", otsu_threshold_multiplier=0.4) == "ab cd ef"


def test_slanted_text() -> None:
    slanted = letters("uphill", 0, 100, slant=-12) + letters("slope", 0, 140, slant=-12)
    assert text(slanted, "collimate", collimate_tolerance=8) == "uphill\nslope"
    assert text(slanted, "tolerance") != "uphill\nslope"


@pytest.mark.parametrize(("box", "wanted"), [([0.0, 0.0, 20.0, 10.0], "ab"), ([0.0, 0.0, 10.0, 20.0], "a b")])
def test_the_direction_is_told_from_the_shape(box: list[float], wanted: str) -> None:
    second = [box[0] + 25, box[1], box[2] + 25, box[3]]
    assert text([("a", box), ("b", second)], direction="auto") == wanted


@pytest.mark.parametrize("algorithm", ["tolerance", "otsu", "collimate"])
def test_nothing(algorithm: str) -> None:
    assert text([], algorithm) == ""
    assert text([], algorithm, "auto") == ""


def test_the_first_version() -> None:
    found = Detections(
        np.array([[0, 0, 9, 9], [10, 0, 19, 9]], np.float32), np.ones(2, np.float32), np.array([1, 0]), ("a", "b")
    )
    fields: dict[str, Any] = {"reading_direction": "left_to_right", "tolerance": 5}
    out = run_step("roboflow_core/stitch_ocr_detections@v1", {"predictions": found}, **fields)
    assert out == {"ocr_text": "ba"}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"tolerance": 0}, r"tolerance.*greater than 0"),
        ({"reading_direction": "up"}, r"reading_direction.*'left_to_right'"),
        ({"stitching_algorithm": "magic"}, r"stitching_algorithm.*'tolerance', 'otsu' or 'collimate'"),
    ],
)
def test_wrong_fields(fields: dict[str, Any], message: str) -> None:
    step = {"stitching_algorithm": "tolerance", "reading_direction": "auto", **fields}
    with pytest.raises(InvalidWorkflow, match=message):
        run_step("stitch_ocr_detections", {"predictions": Detections.empty()}, **step)
