"""Qwen 3.6, asked about images."""

from typing import Literal

from ocella.workflows.blocks.models._example import example_of_answers
from ocella.workflows.blocks.models._openrouter import OpenRouterBlock

__all__ = ["UNITS"]


class Qwen36OpenRouter(OpenRouterBlock):
    """Ask Qwen 3.6 about each image through OpenRouter, with your own key there. `qwen_vlm` has newer ones."""

    type = "qwen3_6_openrouter@v1"
    example = example_of_answers("qwen3_6_openrouter")
    _models = {
        "Qwen 3.6 27B - OpenRouter": "qwen/qwen3.6-27b",
        "Qwen 3.6 35B A3B - OpenRouter": "qwen/qwen3.6-35b-a3b",
        "Qwen 3.6 Flash - OpenRouter": "qwen/qwen3.6-flash",
        "Qwen 3.6 Plus - OpenRouter": "qwen/qwen3.6-plus",
        "Qwen 3.6 Max Preview - OpenRouter": "qwen/qwen3.6-max-preview",
    }

    model_version: str = "Qwen 3.6 27B - OpenRouter"
    privacy_level: Literal["allow", "deny", "zdr"] = "allow"


UNITS = (Qwen36OpenRouter,)
