import numpy as np
from tests.workflows.running import run_step

from ocella.types import Image, Moment


def test_weights_of_bt_601() -> None:
    pixels = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [10, 20, 30]]], np.uint8)
    moment = Moment("gate", 3, 0.1)
    grey = run_step("convert_grayscale", {"image": Image(pixels, moment=moment)})["image"]
    wanted = np.rint(pixels @ np.array([0.299, 0.587, 0.114]))
    assert (grey.pixels == wanted[..., None]).all()
    assert grey.moment == moment
