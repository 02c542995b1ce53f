"""Muse, asked about images."""

from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field

from ocella.types import Image
from ocella.workflows.block import Batch
from ocella.workflows.blocks.models._cloud import LanguageOutput
from ocella.workflows.blocks.models._example import example_of_answers
from ocella.workflows.blocks.models._openrouter import OpenRouterBlock

__all__ = ["UNITS"]


class Thought(NamedTuple):
    """The text of an answer, the classes that were asked for, and what the model thought before."""

    output: LanguageOutput
    classes: list[str] | None
    thinking: str


class MetaVlm(OpenRouterBlock):
    """Ask Muse of Meta about each image through OpenRouter, with your own key there. It always thinks first; `max_tokens` counts
    that too. Boxes are in thousandths of the image, which vlm_as_detector reads with "model_type": "muse".
    """

    type = "meta_vlm@v1"
    example = example_of_answers("meta_vlm")
    _models = {
        "Muse Spark 1.1": "meta/muse-spark-1.1",
        "Muse Spark 1.2": "meta/muse-spark-1.2",
        "Muse Glimmer": "meta/muse-glimmer-30b",
    }
    _boxes = "thousandths"

    model_version: str = "Muse Spark 1.2"
    reasoning_effort: Literal["low", "medium", "high"] = "low"
    max_tokens: Annotated[int, Field(ge=1)] | None = 2048
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None

    def request(self) -> dict[str, Any]:
        """With how long to think."""
        return {**super().request(), "reasoning": {"effort": self.reasoning_effort}}

    def run(self, images: Batch[Image]) -> Batch[Thought]:  # type: ignore[override]  # more outputs
        """The answer about each image."""
        return [Thought(told.text, self.classes, told.thinking) for told in self.told(images)]


UNITS = (MetaVlm,)
