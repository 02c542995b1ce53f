"""Results of choosing to write tests with."""

import math
from typing import Any

from ocella.choosing.chosen import Asking, Chosen, ClassScore, Comparison, Scored
from ocella.choosing.setting import Setting
from ocella.metrics.intervals import Interval
from ocella.types import ClassDef, Ontology

__all__ = ["UNKNOWN", "around", "chosen", "compared", "scored", "shrimps"]

UNKNOWN = Interval(math.nan, math.nan, math.nan)


def around(value: float, low: float, high: float) -> Interval:
    return Interval(value, low, high)


def shrimps(threshold: float | None = 0.23) -> Ontology:
    return Ontology((ClassDef("shrimp", ("crab", "small crustacean"), threshold=threshold),))


def scored(setting: Setting | None = None, **changes: Any) -> Scored:
    """OWLv2 as the best setting for shrimps."""
    setting = setting or Setting("owlv2-base", shrimps())
    precision, recall, f1 = around(0.86, 0.78, 0.92), around(0.81, 0.71, 0.89), around(0.83, 0.77, 0.88)
    known: dict[str, Any] = {
        "metric": "F1",
        "main": f1,
        "precision": precision,
        "recall": recall,
        "per_class": (ClassScore("shrimp", 0.23, precision, recall, f1, None, 120),),
        "seconds": 0.4,
        "total_seconds": 2000.0,
        "memory_gb": 1.4,
        "license": "Apache-2.0",
        "commercial_use": True,
        "why": "fits the machine",
    }
    return Scored(setting, **(known | changes))


def compared(other: Scored, difference: Interval, more: int = 0) -> Comparison:
    return Comparison(other.name, difference, more)


def chosen(*ranked: Scored, **changes: Any) -> Chosen:
    known: dict[str, Any] = {
        "task": "detect",
        "classes": ("shrimp",),
        "goal": "balance",
        "ranked": ranked,
        "images": 60,
        "whole_set": 5000,
        "asking": Asking("a person", 40, 40, {"yes": 25, "no": 10, "missing": 5}, 180.0),
    }
    known |= {"asking": Asking()} if changes.get("guess") else {}
    return Chosen(**(known | changes))
