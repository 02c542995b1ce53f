from typing import Any

import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidValue
from ocella.types import Image

PIXELS = np.zeros((10, 10, 3), np.uint8)
PIXELS[:2] = (200, 100, 50)
PIXELS[2, :5] = (205, 95, 60)
PIXELS[2, 5:] = (211, 100, 50)


@pytest.mark.parametrize(
    ("color", "tolerance", "wanted"),
    [
        ("#c86432", 10, 25),
        ("(200, 100, 50)", 0, 20),
        ([200, 100, 50], 11, 30),
        ("#000", 10, 70),
        ("#3264c8", 10, 0),  # blue and red swapped: no pixel
    ],
)
def test_counted_by_hand(color: Any, tolerance: int, wanted: int) -> None:
    found = run_step("pixel_color_count", {"image": Image(PIXELS)}, target_color=color, tolerance=tolerance)
    assert found == {"matching_pixels_count": wanted}


def test_a_wrong_colour() -> None:
    with pytest.raises(InvalidValue, match="A colour must be like"):
        run_step("pixel_color_count", {"image": Image(PIXELS)}, target_color="reddish")
