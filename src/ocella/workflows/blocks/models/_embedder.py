"""What blocks share that turn images and texts into vectors."""

from collections.abc import Sequence
from typing import Any, ClassVar

from ocella.types import Embedding, Image
from ocella.workflows.blocks.models._model import ModelBlock

__all__ = ["EmbedderBlock"]


class EmbedderBlock(ModelBlock):
    """A step with a model that puts images and texts in one space."""

    _tasks: ClassVar[tuple[str, ...]] = ("embed",)

    def vectors(self, model: Any, data: Sequence[Image | str]) -> list[Embedding]:
        """A vector of each, in their order; images together, and texts together."""
        images = [i for i, item in enumerate(data) if isinstance(item, Image)]
        texts = [i for i, item in enumerate(data) if not isinstance(item, Image)]
        found: dict[int, Embedding] = {}
        if images:
            found.update(zip(images, model.predict([data[i] for i in images]), strict=True))
        if texts:
            found.update(zip(texts, model.embed_text([data[i] for i in texts]), strict=True))
        return [found[i] for i in range(len(data))]
