"""Claude, asked about images."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from ocella.models.language.chat_server import picture_url
from ocella.types import Image
from ocella.workflows.blocks.models._cloud import VlmBlock
from ocella.workflows.blocks.models._example import example_of_answers

__all__ = ["UNITS"]

_MOST = {"claude-opus-4-1": 32000, "claude-opus-4": 32000}
"""Tokens of an answer where the step does not say; 64000 for other models."""


class AnthropicClaude(VlmBlock):
    """Ask Claude about each image, with your own key of Anthropic. `extended_thinking` lets it think first, for at most
    `thinking_budget_tokens`; temperature then stays out. Images larger than `max_image_size` are sent smaller.
    """

    type = "anthropic_claude@v3"
    example = example_of_answers("anthropic_claude")
    _provider = "Anthropic"
    _models = {
        "claude-sonnet-4-5": "claude-sonnet-4-5-20250929",
        "claude-haiku-4-5": "claude-haiku-4-5-20251001",
        "claude-opus-4-5": "claude-opus-4-5-20251101",
        "claude-sonnet-4": "claude-sonnet-4-20250514",
        "claude-opus-4-1": "claude-opus-4-1-20250805",
        "claude-opus-4": "claude-opus-4-20250514",
    }

    model_version: str = "claude-sonnet-4-5"
    base_url: str = "https://api.anthropic.com/v1"
    extended_thinking: bool = False
    thinking_budget_tokens: Annotated[int, Field(ge=1024)] | None = None
    max_image_size: Annotated[int, Field(ge=1)] = 1024

    @classmethod
    def upgrade(cls, step: dict[str, Any], version: int) -> dict[str, Any]:
        """Version 1 ends an answer after 450 tokens."""
        return {"max_tokens": 450, **step} if version == 1 else step

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """What the task needs, and what thinking forbids."""
        found = super().problems(step)
        if step.get("extended_thinking") is True:
            if step.get("temperature") is not None:
                found.append(("temperature", "nothing beside extended_thinking", "Leave one of the two out."))
            budget, most = step.get("thinking_budget_tokens"), step.get("max_tokens")
            if isinstance(budget, int) and isinstance(most, int) and budget >= most:
                found.append(
                    ("thinking_budget_tokens", f"less than max_tokens, {most}", "Lower it, or raise max_tokens.")
                )
        return found

    def request(self) -> dict[str, Any]:
        """With a budget to think; the provider wants to know how long an answer may be."""
        most = self.max_tokens or _MOST.get(self.model_version, 64000)
        if not self.extended_thinking:
            return {**super().request(), "max_tokens": most}
        budget = self.thinking_budget_tokens or max(1024, min(most // 2, 10000))
        return {"max_tokens": most, "thinking": {"type": "enabled", "budget_tokens": budget}}

    def shown(self, image: Image) -> dict[str, Any]:
        """Made smaller where it is larger than asked for."""
        return {"url": picture_url(image, self.max_image_size)}


UNITS = (AnthropicClaude,)
