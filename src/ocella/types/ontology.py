"""What to look for: classes in order, each with the prompts that find it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocella.errors import InvalidValue, NotFound

__all__ = ["ClassDef", "Ontology"]


@dataclass(frozen=True)
class ClassDef:
    """One class: any of `prompts` finds it, `negatives` must not be taken for it, `exemplars` are image paths;
    `threshold` (0..1) overrides the run's.
    """

    name: str
    prompts: tuple[str, ...] = ()
    negatives: tuple[str, ...] = ()
    exemplars: tuple[str, ...] = ()
    threshold: float | None = None

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise InvalidValue("A class needs a name, got an empty one.")
        object.__setattr__(self, "prompts", tuple(self.prompts) or (self.name,))
        for field in ("negatives", "exemplars"):
            object.__setattr__(self, field, tuple(getattr(self, field)))
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise InvalidValue(f"threshold of '{self.name}' must be within 0..1, got {self.threshold}.")

    def to_json(self) -> dict[str, Any]:
        """JSON form without empty fields."""
        full = {
            "name": self.name,
            "prompts": list(self.prompts),
            "negatives": list(self.negatives),
            "exemplars": list(self.exemplars),
            "threshold": self.threshold,
        }
        return {k: v for k, v in full.items() if v not in ([], None)}


@dataclass(frozen=True)
class Ontology:
    """Classes in order; the place of a class is its class_id."""

    classes: tuple[ClassDef, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "classes", tuple(self.classes))
        names = [c.name for c in self.classes]
        if len(set(names)) != len(names):
            twice = sorted({n for n in names if names.count(n) > 1})
            raise InvalidValue(f"Each class may be named once, got {twice} twice. Join their prompts: name=one|two.")
        if not names:
            raise InvalidValue("An ontology needs at least one class.")

    @property
    def names(self) -> tuple[str, ...]:
        """Class names by class_id."""
        return tuple(c.name for c in self.classes)

    @property
    def prompts(self) -> tuple[tuple[str, int], ...]:
        """Every prompt with its class_id."""
        return tuple((prompt, i) for i, c in enumerate(self.classes) for prompt in c.prompts)

    @classmethod
    def of(cls, *names: str) -> "Ontology":
        """Classes whose names are their prompts."""
        return cls(tuple(ClassDef(n) for n in names))

    @classmethod
    def parse(cls, text: str) -> "Ontology":
        """From `person, dog=a dog or puppy, car=car|van`, or the path of a JSON file. Of the two sides of `=` the
        one with fewer words is the class, either way round; with equally many it is the left one.
        """
        if text.strip().endswith(".json"):
            return cls.read(Path(text.strip()))
        found: dict[str, list[str]] = {}
        for item in (i.strip() for i in text.split(",")):
            if item:
                name, prompts = _split_item(item)
                found.setdefault(name, []).extend(prompts)
        if not found:
            raise InvalidValue(f"classes must name at least one, like 'person, dog=a dog or puppy', got {text!r}.")
        return cls(tuple(ClassDef(name, tuple(dict.fromkeys(p))) for name, p in found.items()))

    @classmethod
    def read(cls, path: Path) -> "Ontology":
        """From a JSON file written by `to_json`, or a plain list of names."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise NotFound(
                f"There is no file {path}. Give a list like 'person, dog', or the path of a JSON file."
            ) from error
        except ValueError as error:
            raise InvalidValue(f"{path} must hold JSON, but does not: {error}.") from error
        return cls.of(*data) if isinstance(data, list) else cls.from_json(data)

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return {"type": "ontology", "classes": [c.to_json() for c in self.classes]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Ontology":
        """From its JSON form."""
        try:
            return cls(tuple(ClassDef(**c) for c in data["classes"]))
        except (KeyError, TypeError) as error:
            raise InvalidValue(
                f"An ontology holds 'classes', each with a 'name' and maybe 'prompts': {error}."
            ) from error


def _split_item(item: str) -> tuple[str, Sequence[str]]:
    left, equals, right = (s.strip() for s in item.partition("="))
    if not equals:
        return left, [left]
    if not left or not right:
        raise InvalidValue(f"'{item}' must have a class and a prompt on the two sides of '=', like dog=a dog or puppy.")
    name, prompts = (right, left) if len(right.split()) < len(left.split()) and "|" not in right else (left, right)
    found = [p.strip() for p in prompts.split("|") if p.strip()]
    if not found:
        raise InvalidValue(f"'{item}' must have a prompt beside the class '{name}', like {name}=one prompt|another.")
    return name, found
