"""Gemma, asked about images."""

from typing import Any

from ocella.workflows.blocks.models._example import example_of_answers
from ocella.workflows.blocks.models._openrouter import OpenRouterBlock, without_privacy

__all__ = ["UNITS"]


class GoogleGemma(OpenRouterBlock):
    """Ask Gemma about each image through OpenRouter, with your own key there."""

    type = "google_gemma@v2"
    example = example_of_answers("google_gemma")
    _models = {
        "Gemma 4 31B - OpenRouter": "google/gemma-4-31b-it",
        "Gemma 4 26B A4B - OpenRouter": "google/gemma-4-26b-a4b-it",
    }

    model_version: str = "Gemma 4 31B - OpenRouter"

    @classmethod
    def upgrade(cls, step: dict[str, Any], version: int) -> dict[str, Any]:
        """Version 1 lets any provider answer."""
        return without_privacy(step) if version == 1 else step


UNITS = (GoogleGemma,)
