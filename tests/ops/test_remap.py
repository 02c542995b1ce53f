import numpy as np
import pytest

from ocella.errors import Mismatch
from ocella.ops.remap import remap
from ocella.types import Detections

BOXES = np.array([[0, 0, 1, 1], [2, 2, 3, 3]], np.float32)
FOUND = Detections(BOXES, np.ones(2, np.float32), np.array([1, 0]), ("cat", "dog"))


@pytest.mark.parametrize("classes", [("cat", "dog"), ("dog", "cat"), ("bird", "cat", "fox", "dog")])
def test_names_stay_with_their_boxes(classes: tuple[str, ...]) -> None:
    got = remap(FOUND, classes)
    assert (got.names, got.classes) == (["dog", "cat"], classes)
    assert (got.xyxy == BOXES).all()


def test_only_used_names_must_be_known() -> None:
    assert remap(FOUND[:1], ("dog",)).names == ["dog"]
    with pytest.raises(Mismatch, match=r"classes \['cat'\], which are not among \['dog'\]"):
        remap(FOUND, ("dog",))
