"""How like an image is to texts, by CLIP."""

from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

import numpy as np
from pydantic import Field

from ocella.types import Classification, Image
from ocella.workflows.block import Batch
from ocella.workflows.blocks.models._clip_names import ClipVersion, clip_model
from ocella.workflows.blocks.models._embedder import EmbedderBlock
from ocella.workflows.blocks.models._example import example_on_images
from ocella.workflows.blocks.models._model import ParentId
from ocella.workflows.kinds import Is

__all__ = ["UNITS"]


class Compared(NamedTuple):
    """How like one image is to each text: cosines, -1 to 1, in the order of the classes."""

    similarities: list[float]
    similarity: list[float]
    max_similarity: float
    most_similar_class: str
    min_similarity: float
    least_similar_class: str
    classification_predictions: Classification
    parent_id: ParentId
    root_parent_id: ParentId
    prediction_type: Annotated[str, Is("prediction_type")]


class ClipComparison(EmbedderBlock):
    """Say how like each image is to each text of `classes` with CLIP: cosines of their vectors, not probabilities. A
    classification takes cosines below 0 as 0.
    """

    type = "clip_comparison@v2"
    aliases = ("ClipComparison",)
    example = example_on_images("clip_comparison", "most_similar_class", classes=["a cat", "a dog"])

    classes: Annotated[list[str], Field(min_length=1)]
    version: ClipVersion = "ViT-B-16"

    @classmethod
    def upgrade(cls, step: dict[str, Any], version: int) -> dict[str, Any]:
        """Version 1 calls the classes texts, or text."""
        del version
        old = next((name for name in ("texts", "text") if name in step), None)
        if old is None or "classes" in step:
            return step
        return {**{k: v for k, v in step.items() if k != old}, "classes": step[old]}

    def run(self, images: Batch[Image]) -> Batch[Compared]:
        """The comparison of each image."""
        with self.leased(clip_model(self.version)) as model:
            texts = model.embed_text(self.classes)
            found = model.predict(images)
        pairs = zip(found, images, strict=True)
        return [self._compared([seen.similarity(t) for t in texts], image) for seen, image in pairs]

    def _compared(self, cosines: Sequence[float], image: Image) -> Compared:
        best, worst = int(np.argmax(cosines)), int(np.argmin(cosines))
        shares = np.clip(np.array(cosines, np.float32), 0, 1)
        scores = Classification(shares, tuple(self.classes), size_hw=image.size_hw)
        source = image.origin.source
        return Compared(
            list(cosines),
            list(cosines),
            cosines[best],
            self.classes[best],
            cosines[worst],
            self.classes[worst],
            scores,
            source,
            source,
            "classification",
        )


UNITS = (ClipComparison,)
