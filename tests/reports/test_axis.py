"""Round numbers over any range."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocella.errors import InvalidValue
from ocella.reports.axis import Scale, extent, span, tick_labels, ticks


@pytest.mark.parametrize(
    ("low", "high", "wanted", "written"),
    [
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1], ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (0, 3122, [0, 1000, 2000, 3000, 4000], ["0", "1,000", "2,000", "3,000", "4,000"]),
        (-0.5, 0.5, [-0.5, -0.25, 0, 0.25, 0.5], ["\u22120.50", "\u22120.25", "0.00", "0.25", "0.50"]),
        (0, 2e-7, [0, 5e-8, 1e-7, 1.5e-7, 2e-7], ["0", "5e-08", "1e-07", "1.5e-07", "2e-07"]),
    ],
)
def test_ticks(low: float, high: float, wanted: Any, written: list[str]) -> None:
    assert ticks(low, high) == pytest.approx(wanted)
    assert tick_labels(ticks(low, high)) == written


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(3, 9))
def test_ticks_reach_over_the_range_and_differ(low: float, width: float, most: int) -> None:
    marks = ticks(low, low + width, most)
    slack = 1e-6 * (marks[1] - marks[0])
    assert 2 <= len(marks) <= most
    assert marks[0] <= low + slack
    assert marks[-1] >= low + width - slack
    assert len(set(tick_labels(marks))) == len(marks)


@pytest.mark.parametrize(
    ("values", "from_zero", "wanted"),
    [
        ([], False, (0, 1)),
        ([np.nan, np.inf], False, (0, 1)),
        ([3, 4], False, (3, 4)),
        ([1, 4], False, (0, 4)),
        ([3, 4], True, (0, 4)),
        ([-1, 2], False, (-1, 2)),
        ([5, 5], False, (2.5, 7.5)),
        ([0, 0], False, (0, 0.5)),
        ([-4, -2], True, (-4, 0)),
    ],
)
def test_extent(values: list[float], from_zero: Any, wanted: Any) -> None:
    assert extent([np.array(values, float)], from_zero=from_zero) == wanted


def test_scale_keeps_places_inside() -> None:
    scale = Scale(0, 10, 100, 200)
    assert [scale(v) for v in (-5, 0, 5, 10, 99)] == [100, 100, 150, 200, 200]


@pytest.mark.parametrize(("low", "high"), [(1, 1), (2, 1), (0, np.nan), (-np.inf, 0)])
def test_a_range_that_does_not_rise_is_refused(low: float, high: float) -> None:
    with pytest.raises(InvalidValue, match="from a lower to a higher"):
        span(low, high)
