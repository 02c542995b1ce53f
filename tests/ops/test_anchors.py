from typing import get_args

import numpy as np
import pytest

from ocella.errors import InvalidValue
from ocella.ops.anchors import Anchor, anchors
from ocella.types import Detections, Masks


def found(masks: Masks | None = None) -> Detections:
    boxes = np.array([[2, 4, 12, 10], [0, 0, 3, 3]], np.float32)
    return Detections(boxes, np.ones(2, np.float32), np.zeros(2, np.int64), ("a",), masks)


@pytest.mark.parametrize("anchor", [a for a in get_args(Anchor) if a != "CENTER_OF_MASS"])
def test_as_supervision(anchor: Anchor) -> None:
    sv = pytest.importorskip("supervision")
    boxes = found()
    wanted = sv.Detections(xyxy=boxes.xyxy).get_anchors_coordinates(sv.Position(anchor))
    np.testing.assert_allclose(anchors(boxes, anchor), wanted)


def test_the_middle_of_a_mask() -> None:
    mask = np.zeros((2, 12, 14), bool)
    mask[0, 5:7, 3] = True
    points = anchors(found(Masks.from_dense(mask)), "CENTER_OF_MASS")
    assert points.tolist() == [[3.5, 6], [1.5, 1.5]]  # an empty mask: the middle of the box
    with pytest.raises(InvalidValue, match="needs masks"):
        anchors(found(), "CENTER_OF_MASS")


def test_no_objects() -> None:
    assert anchors(Detections.empty(("a",)), "TOP_LEFT").shape == (0, 2)
