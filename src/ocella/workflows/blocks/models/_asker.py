"""What blocks share that ask a vision-language model which runs here."""

from collections.abc import Sequence
from typing import Any, ClassVar

from ocella.types import Image
from ocella.workflows.blocks.models._model import ModelBlock

__all__ = ["AskerBlock"]

_USUAL = "Describe what is in this image."


class AskerBlock(ModelBlock):
    """Fields of a step that asks a local model: `system_prompt` goes before the prompt."""

    _tasks: ClassVar[tuple[str, ...]] = ("vlm",)

    prompt: str | None = None

    def texts(
        self, model_id: str, images: Sequence[Image], prompt: str | None, system: str = "", **options: Any
    ) -> list[str]:
        """The answer about each image."""
        words = prompt or _USUAL
        with self.leased(model_id) as model:
            found = model.predict(images, f"{system}\n\n{words}" if system else words, **options)
        return [answer.text for answer in found]
