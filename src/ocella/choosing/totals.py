"""Counts of one setting, and what follows from them."""

import math
from dataclasses import dataclass

__all__ = ["Cut", "Totals"]


@dataclass(frozen=True)
class Cut:
    """A run (its number) with a threshold for each class (k,)."""

    run: int
    thresholds: tuple[float, ...]


@dataclass(frozen=True)
class Totals:
    """How many true things a cut finds, how many there are, and how many it claims."""

    found: float
    there: float
    claimed: float

    @property
    def precision(self) -> float:
        """Of what is claimed; NaN where nothing is."""
        return min(1.0, max(0.0, self.found / self.claimed)) if self.claimed else math.nan

    @property
    def recall(self) -> float:
        """Of what is there; NaN where nothing is."""
        return min(1.0, max(0.0, self.found / self.there)) if self.there > 0 else math.nan

    def f(self, beta: float = 1.0) -> float:
        """F with recall weighed by `beta`; NaN where nothing is claimed or there."""
        square = beta * beta
        whole = self.claimed + square * self.there
        return min(1.0, max(0.0, (1 + square) * self.found / whole)) if whole > 0 else math.nan
