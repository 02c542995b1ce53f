"""What a person is asked, and what they may say."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

from ocella.errors import InvalidValue
from ocella.types import Detections

__all__ = ["Asker", "Question", "QuestionKind", "Reply", "Verdict"]

QuestionKind = Literal["object", "missing", "class", "points", "outline", "text", "pair"]
"""Is this box a thing of this class? Is anything missing here? Which class is this image? Are these points, this outline,
this text right? Do these two show the same kind?
"""
Verdict = Literal["yes", "no", "class", "fix", "missing", "skip"]
"""Right as shown; nothing that was asked for; it is `class_name`; right, but the box is `xyxy`; `missing` so many of each
class (none where empty); cannot tell.
"""


@dataclass(frozen=True, eq=False)
class Question:
    """Question `unit` of the pool about the image `file` at `path`. `objects` holds the things to look at: for "object"
    row 0 is the thing in question and further rows are other boxes for it; for "missing" all that is known already.
    `text` is the question in words, `choices` the answers that "class" may take: the classes asked for, likeliest first, or
    texts; one text alone is a matter of yes and no. `other` is the second image of a pair, `note` a line about what has been
    learned so far.
    """

    unit: int
    kind: QuestionKind
    file: str
    path: Path
    text: str
    objects: Detections | None = None
    choices: tuple[str, ...] = ()
    other: Path | None = None
    note: str = ""

    @property
    def other_file(self) -> str:
        """The second image of a pair as `file` names the first: from the same folder, where it lies in it; "" for none."""
        if self.other is None:
            return ""
        root = Path(self.path.as_posix().removesuffix(self.file) or ".")
        return (self.other.relative_to(root) if self.other.is_relative_to(root) else self.other).as_posix()


@dataclass(frozen=True)
class Reply:
    """What the person said; see Verdict. `seconds` it took."""

    verdict: Verdict
    class_name: str = ""
    xyxy: tuple[float, float, float, float] | None = None
    missing: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if self.verdict not in get_args(Verdict):
            raise InvalidValue(f"verdict must be one of {', '.join(get_args(Verdict))}, got {self.verdict!r}.")
        if (self.verdict == "fix") != (self.xyxy is not None):
            raise InvalidValue("A reply has a box exactly where its verdict is fix.")
        if self.verdict == "class" and not self.class_name:
            raise InvalidValue("A reply with the verdict class names the class.")
        if self.xyxy is not None and not (self.xyxy[0] < self.xyxy[2] and self.xyxy[1] < self.xyxy[3]):
            raise InvalidValue(f"A box must be x1, y1, x2, y2 with x1 < x2 and y1 < y2, got {self.xyxy}.")
        if any(n < 0 for n in self.missing.values()):
            raise InvalidValue(f"Counts of missing things must be at least 0, got {self.missing}.")

    def to_json(self) -> dict[str, Any]:
        """JSON form without empty fields."""
        full = {
            "verdict": self.verdict,
            "class_name": self.class_name,
            "xyxy": None if self.xyxy is None else list(self.xyxy),
            "missing": dict(self.missing),
            "seconds": round(self.seconds, 2),
        }
        return {k: v for k, v in full.items() if v not in ("", None, {})}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Reply":
        """From its JSON form; raises InvalidValue."""
        try:
            box = data.get("xyxy")
            fields = {**data, "xyxy": None if box is None else tuple(float(v) for v in box)}
            return cls(**fields)
        except (TypeError, ValueError) as error:
            raise InvalidValue(f"A reply holds a verdict and what belongs to it: {error}.") from error


class Asker(Protocol):
    """Whoever answers: a person at a terminal or a page, a label file, a simulation. `done` of `most` questions are behind;
    None ends the asking, "undo" takes the last answer back. `name` says who, on the report.
    """

    name: str

    def __call__(self, question: Question, done: int, most: int) -> Reply | Literal["undo"] | None:
        """The answer to one question."""
