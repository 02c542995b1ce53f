import cv2
import numpy as np
import pytest
from tests.workflows.blocks.visualizations.scene import IMAGE, OBJECTS, boxes, drawn, supervision, with_supervision

from ocella.errors import InvalidWorkflow
from ocella.types import Detections, Masks

BOXES = OBJECTS.replace(masks=None)


def test_blurred_boxes_are_those_of_supervision() -> None:
    assert (drawn("blur", BOXES) == with_supervision(supervision().BlurAnnotator(kernel_size=15))).all()


def test_one_box_is_what_opencv_makes_of_it() -> None:
    expected = IMAGE.pixels.copy()
    expected[58:82, 85:125] = cv2.blur(IMAGE.pixels[58:82, 85:125], (4, 4))
    assert (drawn("blur", BOXES[1], kernel_size=4) == expected).all()


def test_room_around_a_box() -> None:
    expected = IMAGE.pixels.copy()
    expected[55:85, 82:128] = cv2.blur(IMAGE.pixels[55:85, 82:128], (4, 4))
    assert (drawn("blur", BOXES[1], kernel_size=4, padding=3) == expected).all()


def test_a_mask_is_blurred_alone() -> None:
    dense = np.zeros((1, *IMAGE.size_hw), bool)
    dense[0, 60:70, 90:130] = True  # wider than the box of columns 85 to 125
    found = OBJECTS[1].replace(masks=Masks.from_dense(dense), keypoints=None)
    expected, region = IMAGE.pixels.copy(), IMAGE.pixels[57:83, 84:131]
    expected[59:71, 90:130] = cv2.blur(region, (5, 5))[2:14, 6:46]  # a disc of one pixel around is a cross
    expected[60:70, 89:131] = cv2.blur(region, (5, 5))[3:13, 5:47]
    assert (drawn("blur", found, kernel_size=5, padding=1) == expected).all()
    empty = found.replace(masks=Masks.from_dense(np.zeros_like(dense)))
    assert (drawn("blur", empty, padding=1) == IMAGE.pixels).all()


def test_nothing_outside_and_nonsense() -> None:
    assert (drawn("blur", Detections.empty()) == IMAGE.pixels).all()
    outside = boxes([[-50, -50, -10, -10], [5, 5, 5, 9]])
    assert (drawn("blur", outside) == IMAGE.pixels).all()
    with pytest.raises(InvalidWorkflow, match="kernel_size"):
        drawn("blur", kernel_size=0)
