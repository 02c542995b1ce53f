"""Operations on numbers. A missing number (None, the neutral value of an empty list) stays missing."""

import random
from collections.abc import Callable
from typing import Any, Literal

from ocella.workflows.query.faults import InvalidQuery
from ocella.workflows.query.operation import operation

__all__ = []

Number = int | float

_NUMBERS = "integer float float_zero_to_one"


def _number(value: Any) -> Any:
    if isinstance(value, str | bytes | list | tuple | dict):  # what `*` would repeat
        raise TypeError("no number")  # told by the operation's name
    return value


def _whole(value: Any) -> int | None:
    if value is None or isinstance(value, int):
        return None if value is None else int(value)
    try:
        return int(value)
    except ValueError:
        return int(float(value))  # "3.7"


@operation("ToNumber", "string boolean integer float float_zero_to_one", _NUMBERS)
def _to_number(cast_to: Literal["int", "float"]) -> Callable[[Any], Any]:
    """The number that a text or a truth value stands for; `cast_to` int cuts the fraction off."""
    if cast_to == "float":
        return lambda value: None if value is None else float(value)
    return _whole


@operation("NumberRound", _NUMBERS, _NUMBERS)
def _round(decimal_digits: int) -> Callable[[Any], Any]:
    """Rounded to that many digits after the point, halves to the even digit."""
    return lambda value: None if value is None else round(value, decimal_digits)


@operation("Multiply", _NUMBERS, _NUMBERS)
def _multiply(other: Number) -> Callable[[Any], Any]:
    """Times `other`."""
    return lambda value: None if value is None else _number(value) * other


@operation("Divide", _NUMBERS, _NUMBERS)
def _divide(other: Number) -> Callable[[Any], Any]:
    """Divided by `other`, which must not be 0."""
    if other == 0:
        raise InvalidQuery.at(("other",), "a number other than 0", other)
    return lambda value: None if value is None else value / other


@operation("RandomNumber", "*", "float float_zero_to_one")
def _random(min_value: float = 0.0, max_value: float = 1.0) -> Callable[[Any], float]:
    """A random number from `min_value` to `max_value`, whatever came before; to take a sample."""
    return lambda _: random.uniform(min_value, max_value)  # noqa: S311  # no secret hangs on it


@operation("ToBoolean", _NUMBERS, "boolean")
def _to_boolean() -> Callable[[Any], bool]:
    """False for 0, nothing, and what is empty; else true."""
    return bool
