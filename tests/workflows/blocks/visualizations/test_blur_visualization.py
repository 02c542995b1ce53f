import cv2
import pytest
from tests.workflows.blocks.visualizations.scene import IMAGE, OBJECTS, boxes, drawn, supervision, with_supervision

from ocella.errors import InvalidWorkflow
from ocella.types import Detections


def test_blurred_boxes_are_those_of_supervision() -> None:
    assert (drawn("blur") == with_supervision(supervision().BlurAnnotator(kernel_size=15))).all()


def test_one_box_is_what_opencv_makes_of_it() -> None:
    expected = IMAGE.pixels.copy()
    expected[58:82, 85:125] = cv2.blur(IMAGE.pixels[58:82, 85:125], (4, 4))
    assert (drawn("blur", OBJECTS[1], kernel_size=4) == expected).all()


def test_nothing_outside_and_nonsense() -> None:
    assert (drawn("blur", Detections.empty()) == IMAGE.pixels).all()
    outside = boxes([[-50, -50, -10, -10], [5, 5, 5, 9]])
    assert (drawn("blur", outside) == IMAGE.pixels).all()
    with pytest.raises(InvalidWorkflow, match="kernel_size"):
        drawn("blur", kernel_size=0)
