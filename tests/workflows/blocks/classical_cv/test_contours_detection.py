import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Image


def test_two_shapes_outermost_only() -> None:
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[5:15, 5:25] = 255
    pixels[20:38, 30:50] = 255
    pixels[25:30, 35:45] = 0  # a hole is no outline of its own
    found = run_step("contours_detection", {"image": Image(pixels)}, line_thickness=1)
    assert found["number_contours"] == 2
    corners = sorted(sorted(c.reshape(-1, 2).tolist()) for c in found["contours"])
    assert corners == [
        [[5, 5], [5, 14], [24, 5], [24, 14]],
        [[30, 20], [30, 37], [49, 20], [49, 37]],
    ]
    assert found["hierarchy"].shape == (1, 2, 4)
    drawn = (found["image"].pixels == (255, 0, 255)).all(axis=2)
    assert drawn.sum() == 2 * (20 + 10) - 4 + 2 * (20 + 18) - 4


def test_nothing_bright() -> None:
    found = run_step("contours_detection", {"image": Image(np.zeros((9, 9, 3), np.uint8))})
    assert (found["contours"], found["hierarchy"], found["number_contours"]) == ([], None, 0)


def test_limits() -> None:
    with pytest.raises(InvalidWorkflow, match="line_thickness"):
        run_step("contours_detection", {"image": Image(np.zeros((9, 9, 3), np.uint8))}, line_thickness=0)
