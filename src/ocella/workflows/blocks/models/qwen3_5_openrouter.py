"""Qwen 3.5, asked about images."""

from typing import Literal

from ocella.workflows.blocks.models._example import example_of_answers
from ocella.workflows.blocks.models._openrouter import OpenRouterBlock

__all__ = ["UNITS"]


class Qwen35OpenRouter(OpenRouterBlock):
    """Ask Qwen 3.5 about each image through OpenRouter, with your own key there. `qwen_vlm` has newer ones."""

    type = "qwen3_5_openrouter@v1"
    example = example_of_answers("qwen3_5_openrouter")
    _models = {
        "Qwen 3.5 9B - OpenRouter": "qwen/qwen3.5-9b",
        "Qwen 3.5 27B - OpenRouter": "qwen/qwen3.5-27b",
        "Qwen 3.5 122B A10B - OpenRouter": "qwen/qwen3.5-122b-a10b",
        "Qwen 3.5 397B A17B - OpenRouter": "qwen/qwen3.5-397b-a17b",
        "Qwen 3.5 Flash 02-23 - OpenRouter": "qwen/qwen3.5-flash-02-23",
        "Qwen 3.5 Plus 20260420 - OpenRouter": "qwen/qwen3.5-plus-20260420",
    }

    model_version: str = "Qwen 3.5 27B - OpenRouter"
    privacy_level: Literal["allow", "deny", "zdr"] = "allow"


UNITS = (Qwen35OpenRouter,)
