from typing import Any

import cv2
import numpy as np
import pytest
from tests.workflows.blocks.visualizations.scene import IMAGE, SIZE
from tests.workflows.running import run_step

from ocella.errors import InvalidValue, InvalidWorkflow

SQUARE = [[20, 30], [60, 30], [60, 80], [20, 80]]
TRIANGLE = [[100, 10], [150, 10], [100, 90]]


def filled(zone: Any, **fields: Any) -> np.ndarray:
    return np.asarray(run_step("polygon_zone_visualization", {"image": IMAGE}, zone=zone, **fields)["image"].pixels)


@pytest.mark.parametrize("zone", [SQUARE, [SQUARE, TRIANGLE]])
def test_zones_are_filled_as_opencv_fills_them(zone: Any) -> None:
    where = np.zeros(SIZE, np.uint8)
    parts = zone if zone is not SQUARE else [zone]
    cv2.fillPoly(where, [np.array(p, np.int32) for p in parts], 1)
    expected = np.where(where[..., None] > 0, IMAGE.pixels * 0.7 + np.array([0x5B, 0xB5, 0x73]) * 0.3, IMAGE.pixels)
    np.testing.assert_allclose(filled(zone), expected, atol=0.51)


def test_full_opacity_hides() -> None:
    assert (filled(SQUARE, opacity=1, color="#010203")[30:81, 20:61] == [1, 2, 3]).all()


def test_nothing_and_nonsense() -> None:
    assert (filled([]) == IMAGE.pixels).all()
    with pytest.raises(InvalidValue, match="zone must be at least 3 points"):
        filled([[1, 2], [3, 4]])
    with pytest.raises(InvalidWorkflow, match="opacity"):
        filled(SQUARE, opacity=3)
