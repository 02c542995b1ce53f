"""What the labels are for, and so what counts as the best threshold."""

import math
from dataclasses import dataclass

from ocella.choosing.totals import Totals
from ocella.errors import InvalidValue

__all__ = ["GOALS", "Goal"]

GOALS = {
    "balance": (1.0, "wrong and missing labels weigh alike"),
    "training": (2.0, "a model learns past some wrong labels, but not what is missing: recall weighs twice"),
    "review": (1.7, "a person will look: to reject a wrong label takes a second, to draw a missing one three"),
}
"""Weight of recall (the beta of F), and why."""


@dataclass(frozen=True)
class Goal:
    """One of GOALS, or "precision" with the least `precision` (0..1) that will do, and then as much recall as there is."""

    name: str = "balance"
    precision: float = 0.0

    def __post_init__(self) -> None:
        if self.name not in (*GOALS, "precision"):
            raise InvalidValue(f"A goal must be one of {', '.join(GOALS)} or a least precision, got {self.name!r}.")
        if (self.name == "precision") != (self.precision > 0) or not 0 <= self.precision <= 1:
            raise InvalidValue(f"precision must be within 0..1, and is a goal of its own, got {self.precision}.")

    @classmethod
    def of(cls, name: str = "", precision: float | None = None) -> "Goal":
        """From what a person gives: a name, a least precision, or nothing."""
        if name and precision is not None:
            raise InvalidValue(f"Give a goal ({name}) or a least precision ({precision}), not both.")
        return cls("precision", precision) if precision is not None else cls(name or "balance")

    @property
    def beta(self) -> float:
        """How much recall weighs in F."""
        return GOALS[self.name][0] if self.name in GOALS else 1.0

    def score(self, totals: Totals) -> float:
        """Larger is better: F, or recall where precision is high enough, and below it how near to enough it comes."""
        if self.name != "precision":
            return _or_least(totals.f(self.beta))
        if totals.claimed == 0:
            return -1.0
        return _or_least(totals.recall) if totals.precision >= self.precision else totals.precision - 1

    def in_words(self) -> str:
        """Like `precision of at least 0.95`."""
        return f"precision of at least {self.precision:g}" if self.name == "precision" else self.name


def _or_least(value: float) -> float:
    return -1.0 if math.isnan(value) else value
