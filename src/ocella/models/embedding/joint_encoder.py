"""Networks that put images and texts into one space: each makes a zero-shot classifier and an embedder."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.models.batches import batches
from ocella.models.card import ModelCard
from ocella.models.embedding.prompt_templates import captions
from ocella.models.embedding.zero_shot import ZeroShotClassifier
from ocella.models.open_vocabulary import read_prompt
from ocella.models.tasks import Embedder
from ocella.types import Embedding, Image

__all__ = ["ContrastiveClassifier", "JointEmbedder", "JointEncoder", "unit"]

Floats = npt.NDArray[np.float32]
_AT_ONCE = 64
"""Texts that go through the network together."""


class JointEncoder(ABC):
    """Images and texts as unit vectors. `scale` and `bias` are learned and make a logit of a cosine; `alone` where it was
    trained with a sigmoid over each pair, so that a text's score does not depend on the others; `cased` where an upper
    case letter is another letter to it. `batch` images go together.
    """

    card: ModelCard
    batch: int = 1
    scale: float
    bias: float = 0.0
    alone: bool = False
    cased: bool = False

    @abstractmethod
    def images(self, images: Sequence[Image]) -> Floats:
        """Unit vectors (n, d)."""

    @abstractmethod
    def texts(self, texts: Sequence[str]) -> Floats:
        """Unit vectors (n, d); raises InvalidValue where a text is longer than the network reads."""

    def read(self, prompt: str) -> str:
        """A text as the network sees it; raises InvalidValue where there are no letters."""
        lower = read_prompt(prompt)
        return " ".join(prompt.split()) if self.cased else lower


class ContrastiveClassifier(ZeroShotClassifier):
    """Cosine of an image and a prompt, made a score by what the network learned. A prompt's vector is the mean of its
    unit vectors in all `templates`, as the CLIP paper does it.
    """

    def __init__(self, encoder: JointEncoder, templates: Sequence[str]) -> None:
        super().__init__()
        self._card, self._encoder, self._templates = encoder.card, encoder, tuple(templates)
        self.batch, self.alone = encoder.batch, encoder.alone

    def _read(self, prompt: str) -> str:
        return self._encoder.read(prompt)

    def _encode(self, texts: Sequence[str]) -> Floats:
        said = [captions(text, self._templates) for text in texts]
        flat = [caption for group in said for caption in group]
        vectors = np.concatenate([self._encoder.texts(chunk) for chunk in batches(flat, _AT_ONCE)])
        ends = np.cumsum([len(group) for group in said])
        return unit(np.stack([part.mean(axis=0) for part in np.split(vectors, ends[:-1])]))

    def _logits(self, images: Sequence[Image], encoded: Floats) -> Floats:
        return self._encoder.images(images) @ encoded.T * np.float32(self._encoder.scale) + np.float32(
            self._encoder.bias
        )


class JointEmbedder(Embedder):
    """Images and texts, as they are said, in one space."""

    def __init__(self, encoder: JointEncoder) -> None:
        self._card, self._encoder = encoder.card, encoder

    def predict(self, images: Sequence[Image]) -> list[Embedding]:
        """A vector of each image."""
        made = [v for chunk in batches(images, self._encoder.batch) for v in self._encoder.images(chunk)]
        return [Embedding(v, self._card.name) for v in made]

    def embed_text(self, texts: Sequence[str]) -> list[Embedding]:
        """A vector of each text, without a template around it; raises InvalidValue where one is empty or too long."""
        if isinstance(texts, str):
            raise InvalidValue(f"texts must be a list, got the text {texts!r}. Put it in a list.")
        read = [self._encoder.read(text) for text in texts]
        made = [v for chunk in batches(read, _AT_ONCE) for v in self._encoder.texts(chunk)]
        return [Embedding(v, self._card.name) for v in made]


def unit(vectors: npt.ArrayLike) -> Floats:
    """Vectors (n, d) of length 1."""
    rows = np.asarray(vectors, np.float32)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12), np.float32)
