"""Qwen3-VL, asked about images."""

from typing import Annotated

from pydantic import Field

from ocella.types import Image
from ocella.workflows.block import Batch
from ocella.workflows.blocks.models._asker import AskerBlock
from ocella.workflows.blocks.models._cloud import LanguageOutput
from ocella.workflows.blocks.models._example import example_on_images
from ocella.workflows.blocks.models._model import ModelId

__all__ = ["UNITS"]


class Qwen3Vl(AskerBlock):
    """Ask Qwen3-VL, which runs here, about each image. `system_prompt` goes before the prompt."""

    type = "qwen3vl@v1"
    output = "parsed_output"
    example = example_on_images("qwen3vl", "parsed_output", prompt="What is this?")

    model_version: ModelId = "qwen3vl-2b-instruct"
    system_prompt: str | None = None
    max_new_tokens: Annotated[int, Field(ge=1)] | None = None

    def run(self, images: Batch[Image]) -> Batch[LanguageOutput]:
        """The answer about each image."""
        most = {} if self.max_new_tokens is None else {"max_tokens": self.max_new_tokens}
        return self.texts(self.model_version, images, self.prompt, self.system_prompt or "", **most)


UNITS = (Qwen3Vl,)
