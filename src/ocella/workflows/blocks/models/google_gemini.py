"""Gemini, asked about images."""

from collections.abc import Mapping
from typing import Any, Literal

from ocella.workflows.blocks.models._cloud import VlmBlock
from ocella.workflows.blocks.models._example import example_of_answers

__all__ = ["UNITS"]

_PREVIEWS = ("06-05", "05-06", "03-25")


class GoogleGemini(VlmBlock):
    """Ask Gemini about each image, with your own key of Google AI. `thinking_level` says how long it thinks first. Boxes
    are box_2d of y and x in thousandths, which vlm_as_detector reads with "model_type": "google-gemini".
    """

    type = "google_gemini@v4"
    example = example_of_answers("google_gemini")
    _provider = "Google AI"
    _models = {f"gemini-2.5-pro-preview-{day}": "gemini-2.5-pro" for day in _PREVIEWS}
    _boxes = "thousandths-y-first"

    model_version: str = "gemini-3.1-pro-preview"
    base_url: str = "https://generativelanguage.googleapis.com/v1beta/openai"
    thinking_level: Literal["low", "high"] | None = None
    google_code_execution: bool = False

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """What the task needs, and what the protocol has not."""
        found = super().problems(step)
        if step.get("google_code_execution") is True:
            found.append(("google_code_execution", "false", "The chat protocol does not offer it. Leave it out."))
        return found

    @classmethod
    def upgrade(cls, step: dict[str, Any], version: int) -> dict[str, Any]:
        """Version 1 ends an answer after 450 tokens."""
        return {"max_tokens": 450, **step} if version == 1 else step

    def request(self) -> dict[str, Any]:
        """With how long to think."""
        return {**super().request(), "reasoning_effort": self.thinking_level}


UNITS = (GoogleGemini,)
