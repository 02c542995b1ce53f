"""Numbers as people read them."""

import numpy as np
import pytest

from ocella.reports.number import is_number, number, numbers


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (12345, "12,345"),
        (np.int64(7), "7"),
        (0.9051, "0.905"),
        (np.float32(0.25), "0.250"),
        (8.527, "8.53"),
        (148.23, "148.2"),
        (12345.6, "12,346"),
        (8.2e-05, "8.2e-05"),
        (0.0, "0.000"),
        (-0.5, "-0.500"),
        (float("nan"), "\u2013"),
        (float("inf"), "\u2013"),
        (None, "\u2013"),
        (True, "yes"),
        (np.False_, "no"),
        ("0.9 to 1", "0.9 to 1"),
    ],
)
def test_number(value: object, wanted: object) -> None:
    assert number(value) == wanted


def test_a_column_has_one_number_of_decimals() -> None:
    assert numbers([148.2, 8.53, 3, None]) == ["148.2", "8.5", "3", "\u2013"]
    assert numbers([0.9, 0.123456]) == ["0.900", "0.123"]


@pytest.mark.parametrize(
    ("value", "wanted"), [(1, True), (np.float64(1), True), (True, False), ("1", False), (None, False)]
)
def test_is_number(value: object, wanted: object) -> None:
    assert is_number(value) is wanted
