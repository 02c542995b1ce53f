from itertools import permutations
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocella.errors import InvalidValue
from ocella.ops.perspective import cornered, enlarged, moved, to_rectangle

SLANTED = np.array([[40, 180], [100, 40], [200, 45], [260, 180]], np.float64)


@pytest.mark.parametrize("order", list(permutations(range(4)))[::3])
def test_corners_in_any_order(order: tuple[int, ...]) -> None:
    assert (cornered(SLANTED[list(order)]) == SLANTED).all()


@pytest.mark.parametrize(
    "points", [[], [[0, 0]] * 4, [[0, 0], [1, 1], [2, 2], [3, 3]], [[0, 0], [1, 1], [2, float("nan")], [3, 3]]]
)
def test_no_quadrilateral(points: Any) -> None:
    with pytest.raises(InvalidValue, match="perspective polygon"):
        cornered(points)


def test_corners_land_on_the_corners() -> None:
    matrix = to_rectangle(SLANTED, (60, 100))
    np.testing.assert_allclose(moved(SLANTED, matrix), [[0, 59], [0, 0], [99, 0], [99, 59]], atol=1e-3)
    points = np.array([[120, 60], [150, 170]], np.float32)
    np.testing.assert_allclose(moved(points, matrix), cv2.perspectiveTransform(points[None], matrix)[0], rtol=1e-4)
    assert moved(np.zeros((0, 2)), matrix).shape == (0, 2)


@given(st.floats(-50, 350), st.floats(-50, 350))
def test_enlarged_until_the_point_is_inside(x: float, y: float) -> None:
    square = np.array([[100, 200], [100, 100], [200, 100], [200, 200]], np.float64)
    point = [(x, y)]
    made, (across, down) = enlarged(square, [dict.fromkeys(("left", "right", "bottom", "top"), point)])
    low, high = made.min(axis=0), made.max(axis=0)
    wanted_low, wanted_high = np.minimum([100, 100], [x, y]), np.maximum([200, 200], [x, y])
    np.testing.assert_allclose([*low, *high], [*wanted_low, *wanted_high], atol=1)
    assert across == pytest.approx((high[0] - low[0] - 100) / 100, abs=1e-6)
    assert down == pytest.approx((high[1] - low[1] - 100) / max(100, 0), abs=1e-6)
