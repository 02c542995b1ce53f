"""What choosing came to: the settings in order, how good each is and how sure that is."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ocella.choosing.setting import Setting
from ocella.errors import InvalidValue
from ocella.metrics.intervals import Interval

__all__ = ["Asking", "Chosen", "ClassScore", "Comparison", "Scored"]


@dataclass(frozen=True)
class ClassScore:
    """One class of one setting at its threshold (None where the model's own is best); `n_claims` labels in the sample."""

    name: str
    threshold: float | None
    precision: Interval
    recall: Interval
    f1: Interval
    ap: Interval | None = None
    n_claims: int = 0

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "name": self.name,
            "threshold": self.threshold,
            "precision": self.precision.to_json(),
            "recall": self.recall.to_json(),
            "f1": self.f1.to_json(),
            "ap": None if self.ap is None else self.ap.to_json(),
            "n_claims": self.n_claims,
        }


@dataclass(frozen=True)
class Scored:
    """A setting with its thresholds and what it is worth: `main`, named by `metric`, is what decides; `precision` and
    `recall` over all classes, None for tasks that have none. `seconds` an image and `total_seconds` and `cost` (money) for
    the whole set are of this machine; `license` in words.
    """

    setting: Setting
    metric: str
    main: Interval
    precision: Interval | None = None
    recall: Interval | None = None
    per_class: tuple[ClassScore, ...] = ()
    seconds: float = math.nan
    total_seconds: float = math.nan
    cost: float = 0.0
    memory_gb: float = math.nan
    license: str = ""
    commercial_use: bool = False
    why: str = ""

    @property
    def name(self) -> str:
        """The setting's name."""
        return self.setting.name

    @property
    def n_claims(self) -> int:
        """Labels in the sample."""
        return sum(c.n_claims for c in self.per_class)

    def to_json(self) -> dict[str, Any]:
        """JSON form; what is not known becomes null."""
        return {
            "name": self.name,
            "setting": self.setting.to_json(),
            "metric": self.metric,
            "main": self.main.to_json(),
            "precision": None if self.precision is None else self.precision.to_json(),
            "recall": None if self.recall is None else self.recall.to_json(),
            "per_class": [c.to_json() for c in self.per_class],
            "seconds": _known(self.seconds),
            "total_seconds": _known(self.total_seconds),
            "cost": self.cost,
            "memory_gb": _known(self.memory_gb),
            "license": self.license,
            "commercial_use": self.commercial_use,
            "why": self.why,
        }


@dataclass(frozen=True)
class Comparison:
    """The best setting minus another (`name`) in the main metric, both on the same answers. `more_answers` is about how
    many more (or labelled images, where labels decide) would settle a difference that is noise, 0 where that is not known.
    """

    name: str
    difference: Interval
    more_answers: int = 0

    @property
    def verdict(self) -> Literal["better", "worse", "noise"]:
        """What the best is: better or worse only where the interval leaves 0 out."""
        if self.difference.low > 0:
            return "better"
        return "worse" if self.difference.high < 0 else "noise"

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "name": self.name,
            "difference": self.difference.to_json(),
            "verdict": self.verdict,
            "more_answers": self.more_answers,
        }


@dataclass(frozen=True)
class Asking:
    """What was asked: who answered (`by`), how many of at most `budget` questions, how often each verdict came, and the
    seconds that answering took.
    """

    by: str = ""
    answers: int = 0
    budget: int = 0
    verdicts: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "by": self.by,
            "answers": self.answers,
            "budget": self.budget,
            "verdicts": dict(self.verdicts),
            "seconds": round(self.seconds, 1),
        }


@dataclass(frozen=True)
class Chosen:
    """The decision for `goal`: `ranked` settings, the chosen one first, judged on `images` of the `whole_set`; `good_enough`
    says whether the first is worth using, and `reason` (half a sentence) what it lacks where not. `comparisons` are of the
    first with others; `ruled_out` are (name, reason); `to_label` files worth labelling where nothing is good enough. A
    `guess` was ranked without any answer; without answers and no guess it is judged by labels that were there already.
    """

    task: str
    classes: tuple[str, ...]
    goal: str
    ranked: tuple[Scored, ...]
    good_enough: bool = True
    guess: bool = False
    reason: str = ""
    comparisons: tuple[Comparison, ...] = ()
    asking: Asking = field(default_factory=Asking)
    images: int = 0
    whole_set: int = 0
    ruled_out: tuple[tuple[str, str], ...] = ()
    to_label: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = {s.name for s in self.ranked}
        absent = [c.name for c in self.comparisons if c.name not in names]
        if absent:
            raise InvalidValue(f"Every comparison must be with a ranked setting, got {absent[0]!r}.")
        if self.guess and self.asking.answers:
            raise InvalidValue(f"A guess is made without answers, got {self.asking.answers}.")

    @property
    def best(self) -> Scored | None:
        """The chosen setting; None where none could be judged."""
        return self.ranked[0] if self.ranked else None

    @property
    def runner_up(self) -> Scored | None:
        """The second, where there is one."""
        return self.ranked[1] if len(self.ranked) > 1 else None

    @property
    def evidence(self) -> Literal["answers", "labels", "none"]:
        """What the figures come from: somebody's answers, labels that were there already, or nobody's."""
        return "none" if self.guess else "answers" if self.asking.answers else "labels"

    def against(self, other: Scored) -> Comparison | None:
        """The first compared with another."""
        return next((c for c in self.comparisons if c.name == other.name), None)

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "type": "chosen",
            "task": self.task,
            "classes": list(self.classes),
            "goal": self.goal,
            "good_enough": self.good_enough,
            "guess": self.guess,
            "reason": self.reason,
            "ranked": [s.to_json() for s in self.ranked],
            "comparisons": [c.to_json() for c in self.comparisons],
            "asking": self.asking.to_json(),
            "images": self.images,
            "whole_set": self.whole_set,
            "ruled_out": [{"name": n, "reason": r} for n, r in self.ruled_out],
            "to_label": list(self.to_label),
            "warnings": list(self.warnings),
        }


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
