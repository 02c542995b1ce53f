"""What a hygiene rule is: it looks at the objects of one image and says which are wrong, why, and the fix."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal

from ocella.registry import Registry
from ocella.types import Detections

__all__ = ["Finding", "Rule", "by_rule", "rules"]


@dataclass(frozen=True)
class Finding:
    """Row `row` is wrong for `reason`. `fix` reject takes the label out of the data set, clip cuts its box to the image."""

    row: int
    reason: str
    fix: Literal["reject", "clip"] = "reject"


class Rule(ABC):
    """One rule over the objects of one image."""

    name: ClassVar[str]
    summary: ClassVar[str]

    @abstractmethod
    def find(self, found: Detections, size_hw: tuple[int, int]) -> list[Finding]:
        """Wrong rows, each at most once."""


rules: Registry[Rule] = Registry("rule", "ocella.labeling.rules", "ocella.rules", Rule)  # type: ignore[type-abstract]  # a registry of an interface
"""Every rule, by walking `rules/` and the entry points `ocella.rules`."""


def by_rule(note: str) -> bool:
    """Whether a rule, not a person, wrote this note: rules lead with their name and a colon."""
    return note.partition(": ")[0] in rules.units()
