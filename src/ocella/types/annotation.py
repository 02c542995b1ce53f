"""A value with who made it and what became of it."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from ocella.errors import InvalidValue
from ocella.types.answer import Answer
from ocella.types.classification import Classification
from ocella.types.detections import Detections
from ocella.types.segmentation_map import SegmentationMap
from ocella.types.text_lines import TextLines

__all__ = ["Annotation", "Label", "Source", "State"]

State = Literal["proposed", "accepted", "rejected", "edited"]
Label = Detections | Classification | TextLines | SegmentationMap | Answer
"""The values that a data set keeps."""

_LABELS: Mapping[str, Any] = {
    "detections": Detections,
    "classification": Classification,
    "text_lines": TextLines,
    "segmentation_map": SegmentationMap,
    "answer": Answer,
}


@dataclass(frozen=True)
class Source:
    """Who made a label: a person, model or rule; the run, its time (ISO 8601, UTC) and its settings."""

    kind: Literal["person", "model", "rule"]
    name: str
    run: str = ""
    time: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return {**dataclasses.asdict(self), "settings": dict(self.settings)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Source":
        """From its JSON form."""
        return cls(**data)


@dataclass(frozen=True)
class Annotation:
    """A label and its source. `state` and `note` have one entry a row (one in all for a label without rows);
    a note says why a row was rejected or edited.
    """

    value: Label
    source: Source
    state: tuple[State, ...] = ()
    note: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        rows = len(self.value) if isinstance(self.value, (Detections, TextLines)) else 1
        state = tuple(self.state) or ("proposed",) * rows
        note = tuple(self.note) or ("",) * rows
        if len(state) != rows or len(note) != rows:
            raise InvalidValue(f"state and note must have {rows} entries, got {len(state)} and {len(note)}.")
        wrong = set(state) - set(get_args(State))
        if wrong:
            raise InvalidValue(f"state must be one of {', '.join(get_args(State))}, got {sorted(wrong)}.")
        object.__setattr__(self, "state", state)
        object.__setattr__(self, "note", note)

    def replace(self, **changes: Any) -> "Annotation":
        """A copy with some fields changed, checked again."""
        return dataclasses.replace(self, **changes)

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "value": self.value.to_json(),
            "source": self.source.to_json(),
            "state": list(self.state),
            "note": list(self.note),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Annotation":
        """From its JSON form."""
        kind = data["value"].get("type")
        if kind not in _LABELS:
            raise InvalidValue(f"A label must be one of {', '.join(_LABELS)}, got {kind!r}.")
        value = _LABELS[kind].from_json(data["value"])
        return cls(value, Source.from_json(data["source"]), tuple(data["state"]), tuple(data["note"]))
