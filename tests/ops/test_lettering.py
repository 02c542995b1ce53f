import cv2
import numpy as np
import pytest

from ocella.ops.anchors import Anchor
from ocella.ops.lettering import Face, Lettering, Pen, Strokes, plate_box


@pytest.mark.parametrize(
    ("anchor", "box"),
    [
        ("TOP_LEFT", (100, 80, 130, 100)),
        ("TOP_CENTER", (85, 80, 115, 100)),
        ("TOP_RIGHT", (70, 80, 100, 100)),
        ("CENTER_LEFT", (70, 90, 100, 110)),
        ("CENTER", (85, 90, 115, 110)),
        ("CENTER_OF_MASS", (85, 90, 115, 110)),
        ("CENTER_RIGHT", (100, 90, 130, 110)),
        ("BOTTOM_LEFT", (100, 100, 130, 120)),
        ("BOTTOM_RIGHT", (70, 100, 100, 120)),
    ],
)
def test_where_a_plate_goes(anchor: Anchor, box: tuple[int, int, int, int]) -> None:
    assert plate_box((100, 100), (30, 20), anchor) == box


def test_opencv_measures_and_writes() -> None:
    pen = Strokes(0.8, 2)
    (wide, tall), _ = cv2.getTextSize("quick", cv2.FONT_HERSHEY_SIMPLEX, 0.8, 2)
    assert pen.measure("quick") == (wide, tall, tall)
    made, expected = np.zeros((2, 50, 120, 3), np.uint8)
    pen.write(made, "quick", (4, 30), (1, 2, 250))
    cv2.putText(expected, "quick", (4, 30), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (1, 2, 250), 2, cv2.LINE_AA)
    assert (made == expected).all()


@pytest.mark.parametrize("pen", [Strokes(1.0), Face(size=30)])
def test_letters_lie_within_their_measure(pen: Pen) -> None:
    for text in ("Type", "gÄ", "xox"):
        wide, tall, foot = pen.measure(text)
        pixels = np.zeros((100, 300, 3), np.uint8)
        pen.write(pixels, text, (20, 20 + foot), (255, 255, 255))
        ys, xs = np.nonzero(pixels.any(axis=2))
        assert 18 <= xs.min() < xs.max() <= 22 + wide
        assert 15 <= ys.min() < ys.max() <= 22 + tall + 10


@pytest.mark.parametrize("pen", [Strokes(1.0), Face(size=30)])
def test_no_text_has_no_width_but_is_as_high(pen: Pen) -> None:
    assert pen.measure("")[0] == 0
    letters = Lettering(pen, padding=5)
    wide, tall = letters.size(["Tg"])
    assert letters.size([""]) == (10, tall)
    assert letters.size(["Tg", "", "T"]) == (wide, 3 * (tall - 10) + 4 * 5)


@pytest.mark.parametrize("padding", [1, 10])
@pytest.mark.parametrize("corner", [(20, 20), (-30, -5), (150, 60)])
def test_a_plate_that_is_painted_once_is_the_same_everywhere(padding: int, corner: tuple[int, int]) -> None:
    letters = Lettering(Strokes(0.7), (250, 250, 0), padding)
    wide, tall = letters.size(["gypsy"])
    box = (corner[0], corner[1], corner[0] + wide, corner[1] + tall)
    expected = np.zeros((90, 200, 3), np.uint8)
    cv2.rectangle(expected, box[:2], box[2:], (0, 0, 99), -1)
    foot = (corner[0] + padding, corner[1] + padding + letters.pen.measure("gypsy")[2])
    cv2.putText(expected, "gypsy", foot, cv2.FONT_HERSHEY_SIMPLEX, 0.7, (250, 250, 0), 1, cv2.LINE_AA)
    for _ in range(2):
        made = np.zeros_like(expected)
        letters.paint(made, ["gypsy"], box, (0, 0, 99))
        assert (made == expected).all()
