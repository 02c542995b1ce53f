"""What a vision-language model said."""

from dataclasses import dataclass
from typing import Any

__all__ = ["Answer"]


@dataclass(frozen=True)
class Answer:
    """The text of a model, what of it parsed as JSON, and what could not be parsed ('' where all could)."""

    text: str
    prompt: str = ""
    parsed: Any = None
    unparsed: str = ""

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "type": "answer",
            "prompt": self.prompt,
            "text": self.text,
            "parsed": self.parsed,
            "unparsed": self.unparsed,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Answer":
        """From its JSON form."""
        return cls(data["text"], data["prompt"], data["parsed"], data["unparsed"])
