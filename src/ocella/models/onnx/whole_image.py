"""ONNX networks that say something of the whole image: classes, a vector, a class or a distance for every pixel."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ocella.errors import Refused
from ocella.models.batches import batches
from ocella.models.card import ModelCard
from ocella.models.closed import ClosedClassifier, ClosedSemanticSegmenter, ClosedVocabulary
from ocella.models.onnx.network import OnnxNetwork
from ocella.models.tasks import DepthEstimator, Embedder
from ocella.types import Classification, DepthMap, Embedding, Image, Ontology

__all__ = ["OnnxClassifier", "OnnxDepth", "OnnxEmbedder", "OnnxSegmenter", "sigmoid"]

Floats = npt.NDArray[np.float32]


class OnnxClassifier(ClosedClassifier):
    """Scores of one output (n, classes), made probabilities by `share`, which is `sigmoid` where classes do not exclude
    each other.
    """

    def __init__(
        self, card: ModelCard, network: OnnxNetwork, output: str, share: Callable[[Floats], Floats], batch: int
    ) -> None:
        self._card, self._network, self._output, self._share, self.batch = card, network, output, share, batch
        self._vocabulary = ClosedVocabulary(card.classes, self.task)

    def predict(self, images: Sequence[Image], ontology: Ontology | None = None) -> list[Classification]:
        """Scores over the own classes, or summed for those of the ontology."""
        found = super().predict(images, ontology)
        return [replace(f, multi_label=True) for f in found] if self._share is sigmoid else found

    def _score(self, images: Sequence[Image]) -> Floats:
        rows = [o[self._output][: len(places)] for o, places in self._network.run(images)]
        return self._share(np.concatenate(rows).reshape(len(images), -1).astype(np.float32))


class OnnxEmbedder(Embedder):
    """The vector of one output (n, d)."""

    def __init__(self, card: ModelCard, network: OnnxNetwork, output: str, batch: int) -> None:
        self._card, self._network, self._output, self._batch = card, network, output, batch

    def predict(self, images: Sequence[Image]) -> list[Embedding]:
        """A unit vector of each image."""
        found = []
        for group in batches(images, self._batch):
            for outputs, places in self._network.run(group):
                rows = outputs[self._output][: len(places)].reshape(len(places), -1).astype(np.float32)
                unit = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
                found += [Embedding(vector, self._card.name) for vector in unit]
        return found

    def embed_text(self, texts: Sequence[str]) -> list[Embedding]:
        """Always raises Refused: the file takes images alone."""
        raise Refused(f"'{self._card.name}' takes images alone, so {len(texts)} texts cannot be embedded with it.")


class OnnxSegmenter(ClosedSemanticSegmenter):
    """Scores of each pixel for each class (n, classes, h, w), or the class itself (n, h, w)."""

    def __init__(self, card: ModelCard, network: OnnxNetwork, output: str, batch: int) -> None:
        self._card, self._network, self._output, self.batch = card, network, output, batch
        self._vocabulary = ClosedVocabulary(card.classes, self.task)

    def _map(self, images: Sequence[Image], threshold: float) -> list[npt.NDArray[np.int32]]:  # noqa: ARG002  # classes compete
        found = []
        for outputs, places in self._network.run(images):
            for scores, place in zip(outputs[self._output], places, strict=False):
                found.append(_highest(scores, place.size_hw))
        return found


class OnnxDepth(DepthEstimator):
    """A map (n, h, w) or (n, 1, h, w) of distance, or of its inverse where `inverse`."""

    def __init__(self, card: ModelCard, network: OnnxNetwork, output: str, batch: int, *, inverse: bool) -> None:
        self._card, self._network, self._output, self._batch, self._inverse = card, network, output, batch, inverse

    def predict(self, images: Sequence[Image]) -> list[DepthMap]:
        """A map of each image in its own size, without unit."""
        import cv2

        found = []
        for group in batches(images, self._batch):
            for outputs, places in self._network.run(group):
                for values, place in zip(outputs[self._output], places, strict=False):
                    height, width = place.size_hw
                    near = values.reshape(values.shape[-2:]).astype(np.float32)
                    sized = np.asarray(cv2.resize(near, (width, height)), np.float32)
                    found.append(DepthMap(sized.max() - sized if self._inverse else sized))
        return found


def _highest(scores: npt.NDArray[np.generic], size_hw: tuple[int, int]) -> npt.NDArray[np.int32]:
    """The class of each pixel in another size, one class after the other: all of them at once may fill the memory."""
    import cv2

    wide_tall = size_hw[::-1]
    if scores.ndim == 2:
        label = cv2.resize(scores.astype(np.float32), wide_tall, interpolation=cv2.INTER_NEAREST)
        return np.asarray(label, np.int32)
    best = np.asarray(cv2.resize(scores[0].astype(np.float32), wide_tall))
    label = np.zeros(size_hw, np.int32)
    for i, layer in enumerate(scores[1:], start=1):
        sized = np.asarray(cv2.resize(layer.astype(np.float32), wide_tall))
        above = sized > best
        label[above], best[above] = i, sized[above]
    return label


def sigmoid(logits: Floats) -> Floats:
    """Each score for itself."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -80, 80))), np.float32)
