"""What a vision-language model said."""

from dataclasses import dataclass
from typing import Any

__all__ = ["Answer"]


@dataclass(frozen=True)
class Answer:
    """The text of a model, what of it parsed as JSON, and what could not be parsed ('' where all could). `confidence`
    is None where the model gives none; `score_kind` says what it means: none, token-probability or verified.
    """

    text: str
    prompt: str = ""
    parsed: Any = None
    unparsed: str = ""
    confidence: float | None = None
    score_kind: str = "none"

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "type": "answer",
            "prompt": self.prompt,
            "text": self.text,
            "parsed": self.parsed,
            "unparsed": self.unparsed,
            "confidence": self.confidence,
            "score_kind": self.score_kind,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Answer":
        """From its JSON form."""
        confidence, score_kind = data.get("confidence"), data.get("score_kind", "none")
        return cls(data["text"], data["prompt"], data["parsed"], data["unparsed"], confidence, score_kind)
