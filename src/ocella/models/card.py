"""Facts about a model as data, readable without loading it."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from ocella.errors import InvalidValue

__all__ = ["Accuracy", "ModelCard", "Task"]

Task = Literal["detect", "segment", "semantic-segment", "classify", "keypoints", "embed", "depth", "ocr", "vlm"]


@dataclass(frozen=True)
class Accuracy:
    """One published or measured number: `value` of `metric` on `data`, and who says so."""

    metric: str
    value: float
    data: str
    source: str


@dataclass(frozen=True)
class ModelCard:
    """Everything the tables, the advice and the licence gate need to know about one model."""

    name: str
    task: Task
    summary: str
    checkpoint: str
    code_license: str
    weights_license: str
    commercial_use: bool
    parameters: int
    megabytes: float
    input_hw: tuple[int, int]
    classes: tuple[str, ...] = ()
    open_vocabulary: bool = False
    threshold: float = 0.3
    extra: str = ""
    aliases: tuple[str, ...] = ()
    accuracy: tuple[Accuracy, ...] = ()
    languages: tuple[str, ...] = ("en",)
    good_at: str = ""
    bad_at: str = ""
    superseded_by: str = ""
    run_here: str = ""
    teacher: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    sha256: str = ""

    def __post_init__(self) -> None:
        if self.task not in get_args(Task):
            raise InvalidValue(f"task must be one of {', '.join(get_args(Task))}, got {self.task!r}.")
        if len(set(self.classes)) != len(self.classes):
            raise InvalidValue(f"classes of '{self.name}' must be unique.")

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return {"type": "model_card", **dataclasses.asdict(self)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "ModelCard":
        """From its JSON form; raises TypeError where something that a card must have is not there."""
        if not isinstance(data, dict):
            raise TypeError(f"a card is a JSON object, got {type(data).__name__}")
        known = {f.name for f in dataclasses.fields(cls)}
        fields = {k: v for k, v in data.items() if k in known}
        fields["accuracy"] = tuple(Accuracy(**a) for a in data.get("accuracy", ()))
        for name in ("classes", "aliases", "languages", "input_hw"):
            if name in fields:
                fields[name] = tuple(fields[name])
        return cls(**fields)
