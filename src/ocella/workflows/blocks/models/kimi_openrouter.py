"""Kimi, asked about images."""

from typing import Any

from ocella.workflows.blocks.models._example import example_of_answers
from ocella.workflows.blocks.models._openrouter import OpenRouterBlock, without_privacy

__all__ = ["UNITS"]


class KimiOpenRouter(OpenRouterBlock):
    """Ask Kimi of Moonshot AI about each image through OpenRouter, with your own key there. It thinks before it answers, so
    `max_tokens` must leave room for both.
    """

    type = "kimi_openrouter@v2"
    example = example_of_answers("kimi_openrouter")
    _models = {
        "Kimi K2.5 - OpenRouter": "moonshotai/kimi-k2.5",
        "Kimi K2.6 - OpenRouter": "moonshotai/kimi-k2.6",
    }

    model_version: str = "Kimi K2.6 - OpenRouter"

    @classmethod
    def upgrade(cls, step: dict[str, Any], version: int) -> dict[str, Any]:
        """Version 1 lets any provider answer."""
        return without_privacy(step) if version == 1 else step


UNITS = (KimiOpenRouter,)
