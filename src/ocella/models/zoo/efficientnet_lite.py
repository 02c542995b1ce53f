"""EfficientNet-Lite0: ImageNet classes, 1280-d features, and ConSE zero-shot on top of them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ocella.errors import Refused
from ocella.models.card import Accuracy, ModelCard
from ocella.models.closed import ClosedClassifier, ClosedVocabulary
from ocella.models.embedding.efficientnet_prepare import efficientnet_prepare
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.onnx.runtime import Session
from ocella.models.scores import softmax
from ocella.models.starter import starter_file, starter_sha256, starter_text
from ocella.models.tasks import Classifier, Embedder
from ocella.models.text.conse import ConSE
from ocella.models.text.encoder import TextEncoder
from ocella.types import Classification, Embedding, Image, Ontology

__all__ = ["UNITS"]

_FILE = "efficientnet-lite0.onnx"
_CARD = ModelCard(
    name="efficientnet-lite0",
    try_order=4,
    advice="ImageNet's classes, comes with the install",
    task="classify",
    summary="1000 ImageNet classes; small, quick, no attention to where a thing is",
    checkpoint="ocella-starter: efficientnet-lite0.onnx",
    code_license="Apache-2.0",
    weights_license="Apache-2.0 (stated upstream, not in the source package)",
    commercial_use=True,
    parameters=4_652_008,
    megabytes=9.4,
    input_hw=(224, 224),
    threshold=0.0,
    accuracy=(Accuracy("top-1", 0.751, "ImageNet val", "TensorFlow TPU EfficientNet-Lite README"),),
    good_at="single objects, food, animals, household things",
    bad_at="people (ImageNet has no person class), several things at once, small things",
    run_here="its real weights",
    system="EfficientNet-Lite",
    vocabulary="imagenet-1k",
    speed="fast",
    memory_gb=0.2,
)


class _Network:
    """The ONNX file: features and logits of images, one by one in batches of at most 32."""

    def __init__(self, options: LoadOptions, input_hw: tuple[int, int]) -> None:
        path = options.weights or starter_file(_FILE)
        self._session = Session.of(path, options)
        self._input_hw = input_hw

    def run(self, images: Sequence[Image]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Features (n, 1280) and logits (n, classes)."""
        features, logits = [], []
        for start in range(0, len(images), 32):
            batch = np.stack([efficientnet_prepare(i, self._input_hw) for i in images[start : start + 32]])
            out = self._session.run({"images": batch})
            features.append(out["features"])
            logits.append(out["logits"])
        return np.concatenate(features), np.concatenate(logits)


class EfficientNetLite(ClosedClassifier):
    """The starter's ImageNet classes, or a student's own."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self._card = card
        self._network = _Network(options, card.input_hw)
        self._vocabulary = ClosedVocabulary(card.classes, self.task)
        self.batch = 32

    def _score(self, images: Sequence[Image]) -> npt.NDArray[np.float32]:
        return softmax(self._network.run(images)[1])


class EfficientNetLiteFeatures(Embedder):
    """1280-d image features."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self._card = card
        self._network = _Network(options, card.input_hw)

    def predict(self, images: Sequence[Image]) -> list[Embedding]:
        """A vector of each image."""
        if not images:
            return []
        features = self._network.run(images)[0]
        unit = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
        return [Embedding(v, self._card.name) for v in unit]

    def embed_text(self, texts: Sequence[str]) -> list[Embedding]:
        """Always raises Refused: these features know no words."""
        raise Refused(
            f"'{self._card.name}' has no text side, so {len(texts)} texts cannot be embedded with it. "
            f"Use 'conse-efficientnet-lite0-embed' for text search."
        )


class ConSEClassifier(Classifier):
    """Zero-shot by ConSE: word vectors of the likeliest ImageNet classes against those of the prompts. It is not CLIP."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self._card = card
        self._network = _Network(options, card.input_hw)
        self._conse = ConSE(TextEncoder(), starter_text("imagenet1k.txt"))

    def predict(self, images: Sequence[Image], ontology: Ontology | None = None) -> list[Classification]:
        """Scores over the ontology's classes, the best prompt speaking for its class."""
        from ocella.errors import InvalidValue

        if ontology is None:
            raise InvalidValue(f"'{self._card.name}' needs classes to choose from. Give some: --classes 'cat, dog'.")
        if not images:
            return []
        prompts = [p for p, _ in ontology.prompts]
        owner = np.array([i for _, i in ontology.prompts])
        scores = self._conse.scores(softmax(self._network.run(images)[1]), prompts)
        best = np.stack([scores[:, owner == i].max(axis=1) for i in range(len(ontology.names))], axis=1)
        best /= best.sum(axis=1, keepdims=True)
        return [Classification(row.astype(np.float32), ontology.names) for row in best]


class ConSEEmbedder(Embedder):
    """Images and texts in one space of word vectors."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self._card = card
        self._network = _Network(options, card.input_hw)
        self._conse = ConSE(TextEncoder(), starter_text("imagenet1k.txt"))

    def predict(self, images: Sequence[Image]) -> list[Embedding]:
        """A vector of each image."""
        if not images:
            return []
        vectors = self._conse.images(softmax(self._network.run(images)[1]))
        return [Embedding(v, self._card.name) for v in vectors]

    def embed_text(self, texts: Sequence[str]) -> list[Embedding]:
        """A vector of each text."""
        return [Embedding(v, self._card.name) for v in self._conse.texts(texts)]


def _filled(options: LoadOptions, card: ModelCard) -> ModelCard:
    if options.card is not None:
        return options.card
    return replace(card, classes=starter_text("imagenet1k.txt"), sha256=starter_sha256(_FILE))


def _described(name: str, summary: str, **changes: object) -> ModelCard:
    return replace(_CARD, name=name, summary=summary, accuracy=(), **changes)  # type: ignore[arg-type]  # fields by name


_FEATURES = _described(
    "efficientnet-lite0-features",
    "1280-d image features for grouping and search",
    task="embed",
    try_order=5,
    advice="likeness by look; comes with the install",
    vocabulary="",
    score_kind="similarity",
)
_CONSE = _described(
    "conse-efficientnet-lite0",
    "any classes in words, through word vectors of ImageNet classes (ConSE, Norouzi 2013); far weaker than CLIP",
    open_vocabulary=True,
    bad_at="people, attributes, relations, anything far from the ImageNet classes",
    try_order=8,
    advice="any words, comes with the install; far weaker than CLIP",
    system="ConSE",
    vocabulary="",
    prompts=("text",),
    score_kind="similarity",
)
_CONSE_EMBED = _described(
    "conse-efficientnet-lite0-embed",
    "image and text vectors in one space of words (ConSE); far weaker than CLIP",
    task="embed",
    try_order=8,
    advice="images and texts in one space, comes with the install; far weaker than CLIP",
    open_vocabulary=True,
    system="ConSE",
    vocabulary="",
    prompts=("text",),
    score_kind="similarity",
)

UNITS = (
    ModelEntry(_CARD, lambda options: EfficientNetLite(_filled(options, _CARD), options)),
    ModelEntry(
        _FEATURES, lambda options: EfficientNetLiteFeatures(replace(_FEATURES, sha256=starter_sha256(_FILE)), options)
    ),
    ModelEntry(_CONSE, lambda options: ConSEClassifier(replace(_CONSE, sha256=starter_sha256(_FILE)), options)),
    ModelEntry(
        _CONSE_EMBED, lambda options: ConSEEmbedder(replace(_CONSE_EMBED, sha256=starter_sha256(_FILE)), options)
    ),
)
