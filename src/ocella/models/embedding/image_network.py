"""Networks of transformers that look at images alone: classifiers of a fixed list, and features."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import Refused
from ocella.models.batches import batches
from ocella.models.card import ModelCard
from ocella.models.checkpoints.imagenet_names import classifier_names
from ocella.models.checkpoints.transformers_checkpoint import Checkpoint, adopt_card, open_checkpoint
from ocella.models.closed import ClosedClassifier, ClosedVocabulary
from ocella.models.embedding.joint_encoder import unit
from ocella.models.embedding.pixel_values import pixel_values
from ocella.models.entry import LoadOptions
from ocella.models.scores import softmax
from ocella.models.tasks import Embedder
from ocella.types import Embedding, Image

__all__ = ["FeatureEmbedder", "ImageClassifier"]

Floats = npt.NDArray[np.float32]
Prepare = Callable[[Sequence[Image]], dict[str, Any]]


class ImageClassifier(ClosedClassifier):
    """A checkpoint with a head; its classes are those of its configuration. `images` is its image processor's class."""

    def __init__(self, card: ModelCard, options: LoadOptions, *, kind: str, network: str, images: str) -> None:
        self._opened = open_checkpoint(card, options, kind, network)
        names, self._columns = classifier_names(self._opened.network.config.id2label)
        self._prepare: Prepare = partial(pixel_values, self._opened.part(images))
        self._card = adopt_card(card, options, self._opened, classes=names)
        self._vocabulary = ClosedVocabulary(names, self.task)
        self.batch = self._opened.batch(options, accelerator=32)

    def _score(self, images: Sequence[Image]) -> Floats:
        out = _forward(self._opened, self._prepare(images))
        return softmax(out.logits.float().cpu().numpy())[:, self._columns]


class FeatureEmbedder(Embedder):
    """A vector of an image: the network's first token (`pooled` False), or the mean over the image that it pools itself.
    `images` is its image processor's class, or a function that prepares a batch for a checkpoint.
    """

    def __init__(
        self,
        card: ModelCard,
        options: LoadOptions,
        *,
        kind: str,
        network: str,
        images: str | Callable[[Checkpoint, Sequence[Image]], dict[str, Any]],
        pooled: bool = False,
        **changes: Any,
    ) -> None:
        self._opened = open_checkpoint(card, options, kind, network, **changes)
        self._card = adopt_card(card, options, self._opened)
        self._pooled = pooled
        self._prepare: Prepare = (
            partial(pixel_values, self._opened.part(images))
            if isinstance(images, str)
            else partial(images, self._opened)
        )
        self._batch = self._opened.batch(options, accelerator=32)

    def predict(self, images: Sequence[Image]) -> list[Embedding]:
        """A vector of each image."""
        return [Embedding(v, self._card.name) for chunk in batches(images, self._batch) for v in self._vectors(chunk)]

    def embed_text(self, texts: Sequence[str]) -> list[Embedding]:
        """Always raises Refused: these features know no words."""
        raise Refused(
            f"'{self._card.name}' has no text side, so {len(texts)} texts cannot be embedded with it. "
            "Use 'clip-vit-base-patch32-embed' for text search."
        )

    def _vectors(self, images: Sequence[Image]) -> Floats:
        out = _forward(self._opened, self._prepare(images))
        found = out.pooler_output.flatten(1) if self._pooled else out.last_hidden_state[:, 0]
        return unit(found.float().cpu().numpy())


def _forward(opened: Checkpoint, inputs: dict[str, Any]) -> Any:
    import torch

    with torch.inference_mode():
        return opened.network(pixel_values=inputs["pixel_values"].to(opened.device, opened.dtype))
