"""One way to label: which model, asked for what, looking how."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ocella.errors import InvalidValue
from ocella.types import Ontology

__all__ = ["Setting"]

_SHOWN = 10
"""So many prompts of a class are named in full."""


@dataclass(frozen=True)
class Setting:
    """`model` as `ocella.load` takes it (or detector+second), `ontology` with its prompts and, once chosen, each class's
    threshold; `tile` rows x columns looked at beside the whole image; `prompt` the question to a vision-language model.
    """

    model: str
    ontology: Ontology | None = None
    tile: tuple[int, int] | None = None
    prompt: str = ""

    def __post_init__(self) -> None:
        if not self.model:
            raise InvalidValue("A setting needs a model, got none.")
        if self.tile is not None and (len(self.tile) != 2 or min(self.tile) < 1):
            raise InvalidValue(f"tile must be rows x columns, both at least 1, like (2, 2), got {self.tile}.")

    @property
    def name(self) -> str:
        """Model, tiles, and the prompts where they are not the class names: `nanodet-g 2x2, vehicle=car|truck`. Of many
        prompts the first are named, and a mark that tells them from others.
        """
        cut = "" if self.tile is None else f" {self.tile[0]}x{self.tile[1]}"
        worded = [] if self.ontology is None else [c for c in self.ontology.classes if c.prompts != (c.name,)]
        shown = [f", {c.name}={_short(c.prompts)}" for c in worded]
        shown += (
            [] if self.ontology is None else [f", {c.name} by example" for c in self.ontology.classes if c.exemplars]
        )
        return f"{self.model}{cut}{''.join(shown)}" + (f", '{self.prompt}'" if self.prompt else "")

    def at(self, thresholds: Mapping[str, float]) -> "Setting":
        """The same with a least confidence for each class by name; classes that are not named keep theirs."""
        if self.ontology is None:
            return self
        unknown = sorted(set(thresholds) - set(self.ontology.names))
        if unknown:
            raise InvalidValue(f"The setting has no class {', '.join(unknown)}, only {', '.join(self.ontology.names)}.")
        kept = [replace(c, threshold=thresholds.get(c.name, c.threshold)) for c in self.ontology.classes]
        return replace(self, ontology=Ontology(tuple(kept)))

    def to_json(self) -> dict[str, Any]:
        """JSON form without empty fields."""
        full = {
            "model": self.model,
            "classes": None if self.ontology is None else self.ontology.to_json()["classes"],
            "tile": None if self.tile is None else f"{self.tile[0]}x{self.tile[1]}",
            "prompt": self.prompt,
        }
        return {k: v for k, v in full.items() if v not in (None, "")}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Setting":
        """From its JSON form; raises InvalidValue."""
        known = {"model", "classes", "tile", "prompt"}
        if not isinstance(data, Mapping) or not isinstance(data.get("model"), str) or set(data) - known:
            raise InvalidValue(
                f"A setting holds a 'model' and maybe {', '.join(sorted(known - {'model'}))}, got {data!r}."
            )
        ontology = Ontology.from_json({"classes": data["classes"]}) if data.get("classes") else None
        rows, cross, columns = str(data.get("tile") or "").partition("x")
        if data.get("tile") and not (cross and rows.isdigit() and columns.isdigit()):
            raise InvalidValue(f"tile must be rows x columns like 2x2, got {data['tile']!r}.")
        tile = (int(rows), int(columns)) if cross else None
        return cls(data["model"], ontology, tile, str(data.get("prompt") or ""))


def _short(prompts: tuple[str, ...]) -> str:
    if len(prompts) <= _SHOWN:
        return "|".join(prompts)
    mark = hashlib.sha256("|".join(prompts).encode()).hexdigest()[:3]
    return f"{'|'.join(prompts[:_SHOWN])} and {len(prompts) - _SHOWN} more ({mark})"
