"""A scale from values to places in a drawing, and its round numbers."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue

__all__ = ["Scale", "extent", "span", "tick_labels", "ticks"]


@dataclass(frozen=True)
class Scale:
    """Places in a drawing for the values `low` to `high`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The place of a value; a value outside goes to the nearer end."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


def extent(values: Iterable[npt.NDArray[np.float64]], *, from_zero: bool = False) -> tuple[float, float]:
    """Lowest and highest finite value, never equal; (0, 1) where there is none."""
    held = np.concatenate([np.zeros(0), *[np.ravel(v) for v in values]])
    held = held[np.isfinite(held)]
    if not held.size:
        return 0.0, 1.0
    low, high = float(held.min()), float(held.max())
    if from_zero or 0 <= low <= high / 2:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low <= max(1e-9 * max(abs(low), abs(high)), 1e-12):
        pad = abs(high) / 2 or 0.5
        return low - (pad if low else 0.0), high + pad
    return low, high


def span(low: float, high: float) -> tuple[float, float]:
    """The two ends of an axis; raises InvalidValue unless both are finite and the first is lower."""
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise InvalidValue(
            f"a range runs from a lower to a higher number, got ({low}, {high}). Leave it out to fit it."
        )
    return low, high


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """At most `most` round numbers that reach over low to high."""
    step = _round_up((high - low) / max(most - 1, 1))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    while last - first + 1 > most:
        step = _round_up(step * 1.01)
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [float(f"{i * step:.12g}") for i in range(first, last + 1)]


def _round_up(step: float) -> float:
    """The next of 1, 2, 2.5, 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(step))
    return next((m * power for m in (1, 2, 2.5, 5) if m * power >= step * (1 - 1e-9)), 10 * power)


def tick_labels(values: Sequence[float]) -> list[str]:
    """The numbers written with just enough decimals to differ: `0.0, 0.5, 1.0`."""
    step = min((abs(b - a) for a, b in pairwise(values)), default=1.0)
    if step < 1e-5:
        return [f"{value:.6g}" for value in values]
    decimals = next((d for d in range(9) if abs(step * 10**d - round(step * 10**d)) < 1e-6 * step * 10**d), 8)
    return [f"{value:,.{decimals}f}".replace("-", "\u2212") for value in values]
