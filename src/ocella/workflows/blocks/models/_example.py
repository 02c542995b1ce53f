"""Definitions that show a block that asks a language model."""

from collections.abc import Mapping
from typing import Any

__all__ = ["example_of_answers", "example_on_images"]


def example_of_answers(family: str, **fields: Any) -> Mapping[str, Any]:
    """A caption by a provider's model, with the key as an input."""
    step = {"type": family, "name": "ask", "images": "$inputs.image", "task_type": "caption", "api_key": "$inputs.key"}
    return {
        "inputs": [{"type": "WorkflowImage", "name": "image"}, {"type": "WorkflowParameter", "name": "key"}],
        "steps": [{**step, **fields}],
        "outputs": [{"type": "JsonField", "name": "answer", "selector": "$steps.ask.output"}],
    }


def example_on_images(family: str, output: str, **fields: Any) -> Mapping[str, Any]:
    """One step on each image."""
    return {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [{"type": family, "name": "look", "images": "$inputs.image", **fields}],
        "outputs": [{"type": "JsonField", "name": "found", "selector": f"$steps.look.{output}"}],
    }
