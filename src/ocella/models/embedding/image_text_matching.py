"""Networks that read a text while they look at an image and say whether it fits."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np

from ocella.models.batches import batches
from ocella.models.card import ModelCard
from ocella.models.embedding.joint_encoder import Floats
from ocella.models.embedding.prompt_templates import PHOTO, captions
from ocella.models.embedding.zero_shot import ZeroShotClassifier
from ocella.models.segmentation.embedding_cache import EmbeddingCache
from ocella.types import Image

__all__ = ["MatchingClassifier", "MatchingNetwork"]

_AT_ONCE = 32
"""Texts that go through the network with an image together."""


class MatchingNetwork(ABC):
    """An image is seen once (`see`), then matched with any number of texts."""

    card: ModelCard

    @abstractmethod
    def see(self, image: Image) -> Any:
        """What the network makes of an image before it reads."""

    @abstractmethod
    def tokens(self, texts: Sequence[str]) -> Any:
        """Texts as the network reads them; raises InvalidValue where one is too long."""

    @abstractmethod
    def match(self, seen: Any, tokens: Any) -> Floats:
        """A logit (texts,) for "the text fits the image" against "it does not"."""


class MatchingClassifier(ZeroShotClassifier):
    """The probability that a prompt, as "a photo of a ...", fits the image. Every prompt is read anew for every image, so
    this costs images times prompts; what was seen in the last images is kept.
    """

    alone = True

    def __init__(self, network: MatchingNetwork) -> None:
        super().__init__()
        self._card, self._network = network.card, network
        self._kept = EmbeddingCache()

    def _encode(self, texts: Sequence[str]) -> list[Any]:
        said = [caption for text in texts for caption in captions(text, PHOTO)]
        return [self._network.tokens(chunk) for chunk in batches(said, _AT_ONCE)]

    def _logits(self, images: Sequence[Image], encoded: list[Any]) -> Floats:
        seen = (self._kept.of(image, self._network.see) for image in images)
        return np.stack([np.concatenate([self._network.match(s, tokens) for tokens in encoded]) for s in seen])
