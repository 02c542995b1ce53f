import numpy as np

from ocella.ops.grey import of_grey, to_grey
from ocella.types import Image, Moment, Origin


def test_there_and_back() -> None:
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    image = of_grey(Image(np.zeros((16, 16, 3), np.uint8), Origin("a.jpg"), Moment("a", 0, 0)), grey)
    assert (to_grey(image) == grey).all()
    assert (image.origin, image.moment) == (Origin("a.jpg"), Moment("a", 0, 0))
    assert to_grey(Image(np.array([[[0, 0, 255]]], np.uint8))).tolist() == [[29]]  # 0.114 * 255
