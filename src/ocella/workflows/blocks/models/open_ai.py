"""Models of OpenAI, asked about images."""

from collections.abc import Mapping
from typing import Any, Literal

from ocella.models.language.chat_server import Told
from ocella.types import Image
from ocella.workflows.block import Batch
from ocella.workflows.blocks.models._cloud import LanguageOutput, VlmBlock
from ocella.workflows.blocks.models._example import example_of_answers
from ocella.workflows.blocks.models._fields import field_outputs, with_fields, worded
from ocella.workflows.blocks.models._tasks import task_problems

__all__ = ["UNITS"]


class OpenAi(VlmBlock):
    """Ask a GPT model of OpenAI about each image, with your own key. `reasoning_effort` says how long it thinks first,
    `image_detail` how closely it looks. With `json_output_format`, names and what each means, every name is an output too.
    """

    type = "open_ai@v5"
    aliases = ("OpenAI",)
    example = example_of_answers("open_ai")
    _provider = "OpenAI"
    _tokens_field = "max_completion_tokens"

    model_version: str = "gpt-5.1"
    base_url: str = "https://api.openai.com/v1"
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh"] | None = None
    image_detail: Literal["auto", "high", "low"] = "auto"
    json_output_format: dict[str, str] | None = None

    @classmethod
    def upgrade(cls, step: dict[str, Any], version: int) -> dict[str, Any]:
        """Up to version 3 another model answers, in 450 tokens; version 1 has other names, and outputs of its own."""
        if version > 3:
            return step
        step = {"model_version": "gpt-4o", "max_tokens": 450, **step}
        if version > 1 or "task_type" in step:
            return step
        renamed = {"openai_api_key": "api_key", "openai_model": "model_version"}
        moved = {new: step.pop(old) for old, new in renamed.items() if old in step}
        return {**step, **moved, "json_output_format": step.get("json_output_format") or {}}

    @classmethod
    def outputs(cls, step: Mapping[str, Any]) -> Mapping[str, Any]:
        """The text and the classes; with `json_output_format` the names too."""
        fields = step.get("json_output_format")
        return {
            **({} if fields is None else field_outputs(fields)),
            "output": LanguageOutput,
            "classes": list[str],
        }

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """What the task needs; names of outputs that are taken."""
        fields = step.get("json_output_format")
        taken = {"output", "classes", *field_outputs({})}
        clash = sorted(taken & set(fields)) if isinstance(fields, Mapping) else []
        found = [("json_output_format", f"names other than '{name}'", "Rename it.") for name in clash]
        return [*task_problems(step), *found]

    def run(self, images: Batch[Image]) -> Batch[dict[str, Any]]:  # type: ignore[override]  # outputs by name
        """The answer about each image."""
        return [self._outputs(told, image) for told, image in zip(self.told(images), images, strict=True)]

    def _outputs(self, told: Told, image: Image) -> dict[str, Any]:
        fields = self.json_output_format
        named = {} if fields is None else with_fields(told.text, fields, image)
        return {**named, "output": told.text, "classes": self.classes}

    def request(self) -> dict[str, Any]:
        """With how long to think."""
        return {**super().request(), "reasoning_effort": self.reasoning_effort}

    def messages(self, image: Image) -> list[dict[str, Any]]:
        """With the wish for the names."""
        said = super().messages(image)
        if self.json_output_format:
            text = said[0]["content"][-1]
            text["text"] = worded(text["text"], self.json_output_format)
        return said

    def shown(self, image: Image) -> dict[str, Any]:
        """With how closely to look."""
        return {**super().shown(image), "detail": self.image_detail}


UNITS = (OpenAi,)
