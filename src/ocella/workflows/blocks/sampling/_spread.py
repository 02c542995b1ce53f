"""Average and spread of values that come one by one, by three strategies."""

from collections import deque
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

__all__ = ["STRATEGIES", "Spread", "Strategy"]

Array = npt.NDArray[np.float64]
Strategy = Literal["Exponential Moving Average (EMA)", "Simple Moving Average (SMA)", "Sliding Window"]


class Spread:
    """`average` and `std` of the values so far."""

    average: Array
    std: Array

    def add(self, value: Array) -> None:
        """One value more."""
        raise NotImplementedError


class _Fading(Spread):
    """Exponential: a new value counts `factor`, all before it the rest."""

    def __init__(self, factor: float, _window: int) -> None:
        self._factor = factor
        self._variance: Array | None = None

    def add(self, value: Array) -> None:
        if self._variance is None:
            self.average, self._variance = value, np.zeros_like(value)
        else:
            f = self._factor
            self.average = (1 - f) * self.average + f * value
            self._variance = (1 - f) * self._variance + f * (value - self.average) ** 2
        self.std = np.sqrt(self._variance)


class _Plain(Spread):
    """All values alike, by Welford's method; the spread is that of a sample."""

    def __init__(self, _factor: float, _window: int) -> None:
        self._count = 0

    def add(self, value: Array) -> None:
        if not self._count:
            self.average, self._squares = np.zeros_like(value), np.zeros_like(value)
        self._count += 1
        delta = value - self.average
        self.average = self.average + delta / self._count
        self._squares = self._squares + delta * (value - self.average)
        self.std = np.sqrt(self._squares / max(self._count - 1, 1))


class _Window(Spread):
    """The last `window` values."""

    def __init__(self, _factor: float, window: int) -> None:
        self._values: deque[Array] = deque(maxlen=window)

    def add(self, value: Array) -> None:
        self._values.append(value)
        together = np.stack(list(self._values))
        self.average, self.std = together.mean(axis=0), together.std(axis=0)


STRATEGIES: dict[str, Callable[[float, int], Any]] = {
    "Exponential Moving Average (EMA)": _Fading,
    "Simple Moving Average (SMA)": _Plain,
    "Sliding Window": _Window,
}
"""By name: made from the smoothing factor and the size of the window."""
