"""Llama 3.2 Vision, asked about images."""

from typing import Any

from ocella.workflows.blocks.models._example import example_of_answers
from ocella.workflows.blocks.models._openrouter import OpenRouterBlock, without_privacy

__all__ = ["UNITS"]

_SIZES = ("11B", "90B")


def _slug(size: str, *, free: bool) -> str:
    return f"meta-llama/llama-3.2-{size.lower()}-vision-instruct{':free' if free else ''}"


class LlamaVision(OpenRouterBlock):
    """Ask Llama 3.2 Vision about each image through OpenRouter, with your own key there. Versions marked as free have few
    requests a day.
    """

    type = "llama_vision@v2"
    aliases = ("roboflow_core/llama_3_2_vision@v1",)
    example = example_of_answers("llama_vision")
    _models = {
        **{f"{size} (Free) - OpenRouter": _slug(size, free=True) for size in _SIZES},
        **{f"{size} (Regular) - OpenRouter": _slug(size, free=False) for size in _SIZES},
        **{f"{size} - OpenRouter": _slug(size, free=False) for size in _SIZES},
    }

    model_version: str = "11B (Regular) - OpenRouter"

    @classmethod
    def upgrade(cls, step: dict[str, Any], version: int) -> dict[str, Any]:
        """Version 1 takes the free model, and lets any provider answer."""
        return {"model_version": "11B (Free) - OpenRouter", **without_privacy(step)} if version == 1 else step


UNITS = (LlamaVision,)
