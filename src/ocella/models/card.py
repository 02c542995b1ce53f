"""Facts about a model as data, readable without loading it."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from ocella.errors import InvalidValue

__all__ = ["Accuracy", "Library", "ModelCard", "Prompt", "ScoreKind", "Speed", "Task"]

Task = Literal[
    "detect", "segment", "track", "semantic-segment", "classify", "keypoints", "embed", "depth", "ocr", "vlm"
]
Library = Literal["onnx", "transformers", "timm", "open_clip", "port", "remote-code", "package", "server"]
"""What runs the model: ONNX Runtime; a library's own class; `port`: written here for published weights; `remote-code`:
code that comes with the weights; `package`: the authors' own package, to be installed by hand; a server.
"""
ScoreKind = Literal["probability", "similarity", "none", "token-probability", "verified"]
"""What a confidence means: a trained classifier's, a likeness of image and text, nothing (1 for all), how sure a language
model was of its words, or a second model's opinion.
"""
Prompt = Literal["text", "box", "point", "image"]
Speed = Literal["fast", "medium", "slow"]
"""On two processor cores, one image: under 0.2 s, under 2 s, more. An estimate from size where nothing was measured."""


@dataclass(frozen=True)
class Accuracy:
    """One published or measured number: `value` of `metric` on `data`, and who says so."""

    metric: str
    value: float
    data: str
    source: str


@dataclass(frozen=True)
class ModelCard:
    """Everything the tables, the advice and the licence gate need to know about one model.

    `system` is its name in the literature, `vocabulary` of a fixed list of classes its name (coco, lvis, imagenet-1k,
    ade20k, person); `prompts` what it takes beside the image; `memory_gb` what it needs to run; `gated` the page where
    its licence is accepted; `clause` what of a licence forbids commercial use; `stand_in` the model to take where this
    one may not be used or does not run out of the box; `outlines` whether a detector's objects carry masks; `prompts_per_pass` how many texts
    it takes at one look at the image, 0 for any number; `try_order` 1 is the first to try for its task, 5 is one among others, 9 the last, and
    `advice` says when. `data` holds `hub` (organisation/name) and `revision` of its weights,
    where known `sha256` by file, and `files` (what must be there) or `patterns` (what is fetched too) where config.json and
    model.safetensors are not it; or the `url` of a single file, with its `sha256`.
    """

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
    system: str = ""
    library: Library = "onnx"
    vocabulary: str = ""
    prompts: tuple[Prompt, ...] = ()
    score_kind: ScoreKind = "probability"
    speed: Speed = "medium"
    memory_gb: float = 0.0
    gated: str = ""
    clause: str = ""
    stand_in: str = ""
    outlines: bool = False
    prompts_per_pass: int = 0
    try_order: int = 5
    advice: str = ""

    def __post_init__(self) -> None:
        for field_name, kind in (("task", Task), ("library", Library), ("score_kind", ScoreKind), ("speed", Speed)):
            value = getattr(self, field_name)
            if value not in get_args(kind):
                raise InvalidValue(f"{field_name} must be one of {', '.join(get_args(kind))}, got {value!r}.")
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
        for name in ("classes", "aliases", "languages", "input_hw", "prompts"):
            if name in fields:
                fields[name] = tuple(fields[name])
        return cls(**fields)
