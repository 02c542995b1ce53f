"""What a person needs of a model, as a value."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from ocella.errors import InvalidValue
from ocella.registry import did_you_mean

__all__ = ["TASKS", "Goal", "Needs", "Wish", "read_hardware", "read_wish"]

Wish = Literal[
    "where", "exactly-where", "regions", "what", "points", "ask", "read", "depth", "compare", "segment", "follow"
]
Goal = Literal["", "label", "deploy"]

TASKS: dict[str, tuple[str, str]] = {
    "where": ("detect", "where things are: a box around each"),
    "exactly-where": ("detect", "exactly where things are: the outline of each"),
    "regions": ("semantic-segment", "which pixels are what: a class for every pixel"),
    "what": ("classify", "what the whole image shows: one or more labels"),
    "points": ("keypoints", "key points of things, like the joints of a person"),
    "ask": ("vlm", "answers to questions about the image in words"),
    "read": ("ocr", "the text in the image"),
    "depth": ("depth", "how far away things are"),
    "compare": ("embed", "likeness of images: groups, outliers, near-duplicates, search, moderation"),
    "segment": ("segment", "the outline of what is pointed at, by box or click"),
    "follow": ("track", "the outline of what is pointed at, through a video"),
}
"""For each wish the task of the cards, and the wish in words."""

_OTHER_WORDS = {
    "detect": "where", "detection": "where", "object-detection": "where", "boxes": "where",
    "instance-segmentation": "exactly-where", "outline": "exactly-where", "polygons": "exactly-where", "masks": "exactly-where",
    "semantic-segment": "regions", "semantic-segmentation": "regions", "pixels": "regions",
    "classify": "what", "classification": "what", "label": "what", "tag": "what",
    "keypoints": "points", "keypoint-detection": "points", "key-points": "points", "pose": "points",
    "vlm": "ask", "vqa": "ask", "caption": "ask", "question": "ask", "multimodal": "ask",
    "ocr": "read", "text": "read", "depth-estimation": "depth",
    "embed": "compare", "embedding": "compare", "search": "compare", "cluster": "compare", "duplicates": "compare",
    "outliers": "compare", "moderate": "compare", "click": "segment", "sam": "segment", "track": "follow",
}  # fmt: skip


@dataclass(frozen=True)
class Needs:
    """`wish` is the task in a person's words; `classes` what to look for, `class_count` how many where there are too many
    to write; `language` of the prompts (en, zh, ...); `device` cpu, cuda or mps with `memory_gb` (0 = not said);
    `realtime` several images a second; `license` "commercial" or nothing; `goal` label (to teach a smaller model) or
    deploy; `labeled` images there are already, `examples` pictures of the things themselves; `tried` and found wanting.
    """

    wish: Wish
    classes: tuple[str, ...] = ()
    class_count: int = 0
    language: str = "en"
    device: str = "cpu"
    memory_gb: float = 0.0
    realtime: bool = False
    license: str = ""
    goal: Goal = ""
    labeled: int = 0
    examples: int = 0
    tried: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.license not in ("", "commercial"):
            raise InvalidValue(f"license must be 'commercial' or nothing, got {self.license!r}.")
        if self.goal not in get_args(Goal):
            raise InvalidValue(f"goal must be label, deploy or nothing, got {self.goal!r}.")
        for name in ("class_count", "memory_gb", "labeled", "examples"):
            if getattr(self, name) < 0:
                raise InvalidValue(f"{name} must be at least 0, got {getattr(self, name)}.")

    @property
    def count(self) -> int:
        """How many classes."""
        return max(self.class_count, len(self.classes))

    @property
    def task(self) -> str:
        """The task of the cards."""
        return TASKS[self.wish][0]

    def to_json(self) -> dict[str, Any]:
        """JSON form of what was said."""
        told = {f.name: getattr(self, f.name) for f in fields(self)}
        return {k: list(v) if isinstance(v, tuple) else v for k, v in told.items() if v}


def read_wish(text: str) -> Wish:
    """A wish by its word or a task's usual name; raises InvalidValue."""
    word = re.sub(r"[\s_]+", "-", text.strip().lower())
    for wish in get_args(Wish):
        if wish in (word, _OTHER_WORDS.get(word)):
            return wish  # type: ignore[no-any-return]  # get_args gives the literals
    known = [*get_args(Wish)]
    raise InvalidValue(
        f"task must be one of {', '.join(known)}, got '{text}'.{did_you_mean(word, [*known, *_OTHER_WORDS])}"
    )


def read_hardware(words: Sequence[str] | str) -> tuple[str, float]:
    """Device and memory in GB from words like `cpu 4GB`, `cuda-24gb`, `8 GB`, `laptop`, `raspberry pi`; of a GPU it is the
    card's memory. Raises InvalidValue.
    """
    text = (words if isinstance(words, str) else " ".join(words)).lower()
    amount = re.search(r"(\d+(?:\.\d+)?)\s*-?\s*(gb|gib|g|mb|mib)\b", text)
    memory = 0.0 if amount is None else float(amount[1]) / (1024 if amount[2].startswith("m") else 1)
    rest = text if amount is None else text.replace(amount[0], " ")
    device = next((d for pattern, d in _DEVICES if re.search(pattern, rest)), "")
    if not device and re.search(r"[a-z]{3,}", rest.replace("ram", "").replace("memory", "")):
        raise InvalidValue(f"hardware must be like 'cpu 4GB', 'cuda 24GB' or 'mps', got '{text}'.")
    return device or "cpu", memory


_DEVICES = (
    (r"cuda|nvidia|gpu|rtx|\ba100\b|\bh100\b|\bt4\b", "cuda"),
    (r"mps|apple|\bm[1-9]\b|macbook", "mps"),
    (r"cpu|laptop|raspberry|\bpi\b|edge|server|machine|processor|jetson", "cpu"),
)
