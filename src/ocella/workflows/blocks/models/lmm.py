"""OpenAI asked about images, in the form of older definitions."""

from collections.abc import Mapping
from typing import Any, ClassVar

from ocella.types import Image
from ocella.workflows.block import Batch
from ocella.workflows.blocks.models._fields import field_outputs, with_fields, worded
from ocella.workflows.blocks.models._lmm import LmmBlock

__all__ = ["UNITS"]


class Lmm(LmmBlock):
    """Ask a GPT model about each image, for definitions that have this block; `open_ai` has newer models. With `json_output`,
    names and what each means, every name is an output too.
    """

    type = "lmm@v1"
    aliases = ("LMM",)
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}, {"type": "WorkflowParameter", "name": "key"}],
        "steps": [
            {
                "type": "lmm",
                "name": "ask",
                "images": "$inputs.image",
                "prompt": "Count the cats.",
                "lmm_type": "gpt_4v",
                "remote_api_key": "$inputs.key",
                "json_output": {"count": "how many cats there are"},
            }
        ],
        "outputs": [{"type": "JsonField", "name": "count", "selector": "$steps.ask.count"}],
    }

    prompt: str
    json_output: dict[str, str] | None = None

    @classmethod
    def outputs(cls, step: Mapping[str, Any]) -> Mapping[str, Any]:
        """The text, and each name of `json_output`."""
        return field_outputs(step.get("json_output"))

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """Names of outputs that are taken."""
        fields = step.get("json_output")
        clash = sorted(set(field_outputs({})) & set(fields)) if isinstance(fields, Mapping) else []
        return [("json_output", f"names other than '{name}'", "Rename it.") for name in clash]

    def run(self, images: Batch[Image]) -> Batch[dict[str, Any]]:
        """The answer about each image."""
        fields = self.json_output or {}
        told = self.told(images, worded(self.prompt, fields))
        return [with_fields(t.text, fields, i) for t, i in zip(told, images, strict=True)]


UNITS = (Lmm,)
