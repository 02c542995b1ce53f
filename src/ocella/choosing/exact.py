"""Figures where everything is known: exact counts of each image, intervals by bootstrap over images."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from ocella.choosing.pool import Pool
from ocella.choosing.totals import Cut, Totals
from ocella.metrics.intervals import Interval

__all__ = ["Exact", "percentiles"]

Floats = npt.NDArray[np.float64]

_RESAMPLES = 1000


class Exact(ABC):
    """Figures of cuts from the counts of each image; `draws` (1000, images) are how often each counts in a resample."""

    def __init__(self, pool: Pool, seed: int) -> None:
        self.pool = pool
        random, n = np.random.default_rng(seed), pool.n_images
        self.draws = random.multinomial(n, np.full(n, 1 / n), size=_RESAMPLES).astype(np.float64)

    @abstractmethod
    def known(self, class_id: int) -> float:
        """How many true things of the class were looked at."""

    @abstractmethod
    def ap(self, run: int, classes: Sequence[int] | None = None) -> Interval:
        """Average precision at IoU 0.5, its mean over the classes that occur; NaN where that is no figure of the task."""

    @abstractmethod
    def by_image(self, cut: Cut, classes: Sequence[int] | None = None) -> tuple[Floats, Floats, Floats]:
        """(images,) true things found, those there, and what is claimed."""

    def expected(self, cut: Cut, classes: Sequence[int] | None = None) -> Totals:
        """The counts; there is nothing to expect where all is known."""
        return self.totals(cut, classes)

    def totals(self, cut: Cut, classes: Sequence[int] | None = None) -> Totals:
        """The counts."""
        found, there, claimed = (float(v.sum()) for v in self.by_image(cut, classes))
        return Totals(found, there, claimed)

    def precision(self, cut: Cut, classes: Sequence[int] | None = None) -> Interval:
        """Share of the claims that is right."""
        return self._interval(cut, classes, lambda found, _, claimed: found / claimed)

    def recall(self, cut: Cut, classes: Sequence[int] | None = None) -> Interval:
        """Share of the true things that is found."""
        return self._interval(cut, classes, lambda found, there, _: found / there)

    def f(self, cut: Cut, beta: float = 1.0, classes: Sequence[int] | None = None) -> Interval:
        """F with recall weighed by `beta`."""
        return self._interval(cut, classes, _f(beta))

    def difference(self, one: Cut, other: Cut, beta: float = 1.0) -> Interval:
        """F of one minus F of the other, on the same images."""
        f = _f(beta)
        with np.errstate(invalid="ignore", divide="ignore"):
            sides = [
                [f(*(v @ w for v in self.by_image(cut))) for w in (self.draws.T, np.ones(self.pool.n_images))]
                for cut in (one, other)
            ]
        return percentiles(float(sides[0][1] - sides[1][1]), sides[0][0] - sides[1][0])

    def _interval(
        self, cut: Cut, classes: Sequence[int] | None, figure: Callable[[Floats, Floats, Floats], Floats]
    ) -> Interval:
        counts = self.by_image(cut, classes)
        with np.errstate(invalid="ignore", divide="ignore"):
            value = figure(*(v.sum(keepdims=True) for v in counts))
            drawn = figure(*(self.draws @ v for v in counts))
        return percentiles(float(value[0]), drawn)


def _f(beta: float) -> Callable[[Floats, Floats, Floats], Floats]:
    square = beta * beta
    return lambda found, there, claimed: np.asarray((1 + square) * found / (claimed + square * there))


def percentiles(value: float, drawn: Floats) -> Interval:
    """The interval that holds 95 % of the finite ones of `drawn`."""
    known = drawn[np.isfinite(drawn)]
    if not known.size or math.isnan(value):
        return Interval(value, 0.0, 1.0)
    low, high = np.quantile(known, [0.025, 0.975]).tolist()
    return Interval(value, low, high)
