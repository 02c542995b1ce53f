"""How far a number would have moved with other images of the same kind."""

import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue

__all__ = ["Interval", "bootstrap", "paired_difference", "wilson"]

Weights = npt.NDArray[np.int64]
Statistic = Callable[[Weights], float]
"""A number from how often each image counts, such as `lambda w: accumulate(matches, w, sizes=False).ap50`."""


@dataclass(frozen=True)
class Interval:
    """A measured value and the range that holds `level` of its resamples."""

    value: float
    low: float
    high: float
    level: float = 0.95

    def to_json(self) -> dict[str, Any]:
        """JSON form; NaN becomes null."""
        numbers = {"value": self.value, "low": self.low, "high": self.high, "level": self.level}
        return {name: None if math.isnan(v) else v for name, v in numbers.items()}


def bootstrap(
    statistic: Statistic,
    n_images: int,
    *,
    groups: Sequence[Hashable] | None = None,
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Percentile interval over images drawn anew; with `groups` (one an image: a video, a scene) whole groups are drawn.
    Resamples where the statistic is NaN are left out.
    """
    _check(n_images, groups, resamples, level)
    drawn = [statistic(w) for w in _resamples(n_images, groups, resamples, seed)]
    return _interval(statistic(np.ones(n_images, np.int64)), drawn, level)


def paired_difference(
    first: Statistic,
    second: Statistic,
    n_images: int,
    *,
    groups: Sequence[Hashable] | None = None,
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """First minus second, both on the same draws of the same images: 0 outside the interval is a real difference."""
    return bootstrap(
        lambda w: first(w) - second(w), n_images, groups=groups, resamples=resamples, level=level, seed=seed
    )


def wilson(successes: int, n: int, level: float = 0.95) -> Interval:
    """Interval of a proportion (Wilson 1927), sound for few and for extreme counts; 0 to 1 when n is 0."""
    if not 0 <= successes <= n or not 0 < level < 1:
        raise InvalidValue(f"successes must be within 0..{n} and level within 0..1, got {successes} and {level}.")
    if n == 0:
        return Interval(math.nan, 0.0, 1.0, level)
    z, share = NormalDist().inv_cdf((1 + level) / 2), successes / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Interval(share, max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half)), level)


def _check(n_images: int, groups: Sequence[Hashable] | None, resamples: int, level: float) -> None:
    if n_images < 1 or resamples < 1 or not 0 < level < 1:
        raise InvalidValue(
            f"A bootstrap needs images, resamples and a level within 0..1, got {n_images}, {resamples}, {level}."
        )
    if groups is not None and len(groups) != n_images:
        raise InvalidValue(f"groups must be {n_images}, one an image, got {len(groups)}.")


def _resamples(n: int, groups: Sequence[Hashable] | None, resamples: int, seed: int) -> Iterator[Weights]:
    place: dict[Hashable, int] = {}
    of = np.array([place.setdefault(g, len(place)) for g in (range(n) if groups is None else groups)], np.int64)
    random = np.random.default_rng(seed)
    for _ in range(resamples):
        drawn = random.integers(0, len(place), len(place))
        yield np.bincount(drawn, minlength=len(place))[of].astype(np.int64)


def _interval(value: float, drawn: Sequence[float], level: float) -> Interval:
    known = np.array([v for v in drawn if not math.isnan(v)])
    if not known.size:
        return Interval(value, math.nan, math.nan, level)
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2]).tolist()
    return Interval(value, low, high, level)
