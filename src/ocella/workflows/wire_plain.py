"""Python and numpy values as plain JSON: nothing that a JSON reader does not know, NaN neither."""

import math
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from enum import Enum
from pathlib import PurePath
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue

__all__ = ["Writers", "decimals", "plain"]

Writers = Mapping[type, Callable[[Any], Any]]
"""How values of a class are written."""


def plain(value: Any, writers: Writers | None = None) -> Any:
    """The value as JSON, those of the classes in `writers` as these say. NaN and infinity are null, bytes base64, times ISO
    8601, spans seconds. Raises InvalidValue for what has no form in JSON.
    """
    return _Plain({**_WRITERS, **(writers or {})}).write(value)


def decimals(values: npt.NDArray[np.float32]) -> list[float]:
    """Each as the shortest number that stands for it: 0.6, not 0.6000000238418579, which is more than 0.6."""
    return [float(str(value)) for value in values]


class _Plain:
    """One way to write."""

    def __init__(self, writers: Writers) -> None:
        self._writers = writers

    def write(self, value: Any) -> Any:
        if value is None or type(value) in (bool, int, str):
            return value
        if isinstance(value, Enum):
            return self.write(value.value)
        for kind in type(value).__mro__:
            if kind in self._writers:
                return self._writers[kind](value)
        return self._parts(value)

    def _parts(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {str(key): self.write(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.write(item) for item in value]
        if isinstance(value, set | frozenset):
            return sorted((self.write(item) for item in value), key=repr)
        if isinstance(value, np.ndarray | np.generic):
            return self.write(value.tolist())
        if not callable(getattr(value, "to_json", None)):
            raise InvalidValue(
                f"expected a value that JSON can hold, got {type(value).__name__}. Give out its parts, or its text."
            )
        return self.write(value.to_json())


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


_WRITERS: Writers = {
    bool: bool,
    int: int,
    float: _number,
    str: str,
    bytes: lambda value: b64encode(value).decode(),
    bytearray: lambda value: b64encode(value).decode(),
    datetime: datetime.isoformat,
    date: date.isoformat,
    time: time.isoformat,
    timedelta: timedelta.total_seconds,
    PurePath: str,
}
