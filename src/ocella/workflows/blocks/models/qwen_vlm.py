"""Qwen, here or through OpenRouter, asked about images."""

from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field

from ocella.errors import NotFound
from ocella.types import Image
from ocella.workflows.block import Batch
from ocella.workflows.blocks.models._cloud import LanguageOutput
from ocella.workflows.blocks.models._example import example_on_images
from ocella.workflows.blocks.models._openrouter import OpenRouterBlock
from ocella.workflows.blocks.models._tasks import question
from ocella.workflows.model_names import model_name

__all__ = ["UNITS"]

_HERE = {"Qwen 2.5 VL 7B": "qwen2.5-vl-7b-instruct", "Qwen 3 VL 2B": "qwen3-vl-2b-instruct"}
_ALWAYS_THINK = ("qwen/qwen3.8-max", "-thinking")


class Thought(NamedTuple):
    """The text of an answer, the classes that were asked for, and what the model thought before where it tells."""

    output: LanguageOutput
    classes: list[str] | None
    thinking: str


class QwenVlm(OpenRouterBlock):
    """Ask Qwen about each image: "native" runs `model_version` here (or `fine_tuned_model_id`, a checkpoint of your own),
    "openrouter" asks `openrouter_model_version` with your own key there. Boxes are in thousandths of the image, which
    vlm_as_detector reads with "model_type": "qwen".
    """

    type = "qwen_vlm@v2"
    ignored = frozenset({"enable_thinking"})
    example = example_on_images("qwen_vlm", "output", task_type="caption", model_version="Qwen 3 VL 2B")
    _boxes = "thousandths"
    _models = {
        "Qwen 3.8 Max": "qwen/qwen3.8-max",
        "Qwen 3.8 27B": "qwen/qwen3.8-27b",
        "Qwen 3.7 Plus": "qwen/qwen3.7-plus",
        "Qwen 3.7 Flash": "qwen/qwen3.7-flash",
        "Qwen 3.6 Plus": "qwen/qwen3.6-plus",
        "Qwen 3.6 Flash": "qwen/qwen3.6-flash",
        "Qwen 3.6 27B": "qwen/qwen3.6-27b",
        "Qwen 3.6 35B A3B": "qwen/qwen3.6-35b-a3b",
        "Qwen 3.5 Plus": "qwen/qwen3.5-plus-20260420",
        "Qwen 3.5 Plus 02-15": "qwen/qwen3.5-plus-02-15",
        "Qwen 3.5 Flash": "qwen/qwen3.5-flash-02-23",
        "Qwen 3.5 9B": "qwen/qwen3.5-9b",
        "Qwen 3.5 27B": "qwen/qwen3.5-27b",
        "Qwen 3.5 35B A3B": "qwen/qwen3.5-35b-a3b",
        "Qwen 3.5 122B A10B": "qwen/qwen3.5-122b-a10b",
        "Qwen 3.5 397B A17B": "qwen/qwen3.5-397b-a17b",
        "Qwen 3 VL 8B Instruct": "qwen/qwen3-vl-8b-instruct",
        "Qwen 3 VL 8B Thinking": "qwen/qwen3-vl-8b-thinking",
        "Qwen 3 VL 30B A3B Instruct": "qwen/qwen3-vl-30b-a3b-instruct",
        "Qwen 3 VL 30B A3B Thinking": "qwen/qwen3-vl-30b-a3b-thinking",
        "Qwen 3 VL 32B Instruct": "qwen/qwen3-vl-32b-instruct",
        "Qwen 3 VL 235B A22B": "qwen/qwen3-vl-235b-a22b-instruct",
        "Qwen 3 VL 235B A22B Thinking": "qwen/qwen3-vl-235b-a22b-thinking",
    }

    backend: Literal["native", "openrouter"] = "native"
    model_version: str = "Qwen 3 VL 2B"
    fine_tuned_model_id: str | None = None
    openrouter_model_version: str = "Qwen 3.7 Plus"
    reasoning_effort: Literal["none", "low", "medium", "high"] = "none"
    max_tokens: Annotated[int, Field(ge=1)] | None = 2048
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None

    def setup(self) -> None:
        """Refuses to send where the operator does not allow it."""
        if self.backend == "openrouter":
            super().setup()

    def run(self, images: Batch[Image]) -> Batch[Thought]:  # type: ignore[override]  # more outputs
        """The answer about each image."""
        if self.backend == "openrouter":
            return [Thought(told.text, self.classes, told.thinking) for told in self.told(images)]
        return [Thought(text, self.classes, "") for text in self._texts(images)]

    def _texts(self, images: list[Image]) -> list[str]:
        words = question(self.task_type, self.prompt, self.classes, self.output_structure, self._boxes)
        options = {"max_tokens": self.max_tokens, "temperature": self.temperature}
        with self.services.lease(self._here()) as model:
            found = model.predict(images, words, **{k: v for k, v in options.items() if v is not None})
        return [answer.text for answer in found]

    def _here(self) -> str:
        """The zoo's name of the native model."""
        if self.fine_tuned_model_id:
            return model_name(self.fine_tuned_model_id)
        if self.model_version in _HERE:
            return _HERE[self.model_version]
        if self.model_version.startswith("Qwen "):
            raise NotFound(
                f'\'{self.model_version}\' does not run here. Take {" or ".join(_HERE)}, or "backend": "openrouter".'
            )
        return model_name(self.model_version)

    def model(self) -> str:
        """OpenRouter's name of the model."""
        return self._models.get(self.openrouter_model_version, self.openrouter_model_version)

    def request(self) -> dict[str, Any]:
        """With how long to think; some models always do."""
        effort = self.reasoning_effort
        if effort == "none" and self.model().endswith(_ALWAYS_THINK):
            effort = "low"
        return {**super().request(), "reasoning": {"enabled": False} if effort == "none" else {"effort": effort}}


UNITS = (QwenVlm,)
