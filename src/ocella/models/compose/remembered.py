"""Models that look at the same pixels once. A remembered model has a model and is one, with its answers bit for bit.

A model with a fixed list of classes is asked for all of them, and every ontology is answered from that one look. To one
that takes any prompt the ontology is part of the question.
"""

import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt

from ocella.models.card import ModelCard
from ocella.models.closed import ClosedClassifier, ClosedDetector, ClosedSemanticSegmenter, ClosedVocabulary
from ocella.models.compose.kept_form import (
    ANSWER,
    CLASSIFICATION,
    DETECTIONS,
    EMBEDDING,
    MASKS,
    SEGMENTATION_MAP,
    TEXT_LINES,
    Form,
)
from ocella.models.compose.recollection import Recollection, pixel_hash, short_hash
from ocella.models.detection.exemplar_image import read_exemplar
from ocella.models.tasks import (
    Classifier,
    Detector,
    Embedder,
    KeypointDetector,
    Model,
    Segmenter,
    SemanticSegmenter,
    TextReader,
    VisionLanguageModel,
)
from ocella.models.text.match import Match
from ocella.types import (
    Answer,
    Classification,
    Detections,
    Embedding,
    Image,
    Masks,
    Ontology,
    SegmentationMap,
    TextLines,
)

__all__ = ["remembered"]

Arrays = Sequence[npt.NDArray[np.float32]]
V = TypeVar("V")


def remembered(model: Model, recollection: Recollection, *, floor: float = 0.0) -> Model:
    """The model with a memory; as it is where its task makes nothing that is kept. A detector with a fixed list of classes
    is asked for all with a confidence of at least `floor`, and every threshold from there on is answered from that look.
    """
    for kind, wrap in _WRAPS:
        if isinstance(model, kind):
            return wrap(model, recollection, floor)
    return model


class _Remembering(Model):
    """What all of them share. `_ask` looks with `predict` at those of the images that are new."""

    def __init__(self, model: Any, recollection: Recollection, floor: float) -> None:
        self._model, self._recollection = model, recollection
        self._floor = float(np.float32(floor))  # as thresholds reach `_find`
        self._worded: dict[Ontology | None, Any] = {}

    @property
    def card(self) -> ModelCard:
        return cast("ModelCard", self._model.card)

    @property
    def classes(self) -> tuple[str, ...]:
        return cast("tuple[str, ...]", self._model.classes)

    def matches(self, ontology: Ontology) -> tuple[Match, ...]:
        return cast("tuple[Match, ...]", self._model.matches(ontology))

    def _ask(
        self, images: Sequence[Image], question: Any, form: Form[V], predict: Callable[[list[Image]], list[V]]
    ) -> list[V]:
        return self._recollection.ask(images, question, form, lambda rows: predict([images[r] for r in rows]))

    def _words(self, ontology: Ontology | None) -> Any:
        """An ontology as part of a question, worked out once."""
        if ontology not in self._worded:
            self._worded[ontology] = None if ontology is None else _words(ontology)
        return self._worded[ontology]


class _ClosedDetector(_Remembering, ClosedDetector):
    batch = sys.maxsize  # the detector makes its own

    def __init__(self, model: Any, recollection: Recollection, floor: float) -> None:
        super().__init__(model, recollection, floor)
        self._vocabulary = ClosedVocabulary(model.classes, self.task)

    def _find(self, images: Sequence[Image], floor: float) -> list[Detections]:
        least = min(floor, self._floor or floor)
        return self._ask(images, ["all", least], DETECTIONS, lambda new: self._model.predict(new, threshold=least))


class _OpenDetector(_Remembering, Detector):
    def predict(
        self, images: Sequence[Image], ontology: Ontology | None = None, *, threshold: float | None = None
    ) -> list[Detections]:
        question = [self._words(ontology), threshold]
        predict = partial(self._model.predict, ontology=ontology, threshold=threshold)
        return self._ask(images, question, DETECTIONS, predict)


class _ClosedClassifier(_Remembering, ClosedClassifier):
    batch = sys.maxsize

    def __init__(self, model: Any, recollection: Recollection, floor: float) -> None:
        super().__init__(model, recollection, floor)
        self._vocabulary = ClosedVocabulary(model.classes, self.task)

    def predict(self, images: Sequence[Image], ontology: Ontology | None = None) -> list[Classification]:
        return self._own(images) if ontology is None else ClosedClassifier.predict(self, images, ontology)

    def _score(self, images: Sequence[Image]) -> npt.NDArray[np.float32]:
        return np.stack([c.confidence for c in self._own(images)])

    def _own(self, images: Sequence[Image]) -> list[Classification]:
        return self._ask(images, "all", CLASSIFICATION, self._model.predict)


class _OpenClassifier(_Remembering, Classifier):
    def predict(self, images: Sequence[Image], ontology: Ontology | None = None) -> list[Classification]:
        predict = partial(self._model.predict, ontology=ontology)
        return self._ask(images, self._words(ontology), CLASSIFICATION, predict)


class _ClosedMap(_Remembering, ClosedSemanticSegmenter):
    batch = sys.maxsize

    def __init__(self, model: Any, recollection: Recollection, floor: float) -> None:
        super().__init__(model, recollection, floor)
        self._vocabulary = ClosedVocabulary(model.card.classes, self.task)

    def _map(self, images: Sequence[Image], threshold: float) -> list[npt.NDArray[np.int32]]:
        predict = partial(self._model.predict, threshold=threshold)
        return [m.class_id for m in self._ask(images, ["all", threshold], SEGMENTATION_MAP, predict)]


class _OpenMap(_Remembering, SemanticSegmenter):
    def predict(
        self, images: Sequence[Image], ontology: Ontology | None = None, *, threshold: float | None = None
    ) -> list[SegmentationMap]:
        question = [self._words(ontology), threshold]
        predict = partial(self._model.predict, ontology=ontology, threshold=threshold)
        return self._ask(images, question, SEGMENTATION_MAP, predict)


class _Pose(_Remembering, KeypointDetector):
    def predict(
        self, images: Sequence[Image], boxes: Arrays | None = None, *, threshold: float | None = None
    ) -> list[Detections]:
        def look(rows: list[int]) -> list[Detections]:
            found: list[Detections] = self._model.predict(
                [images[r] for r in rows], _picked(boxes, rows), threshold=threshold
            )
            return found

        question, where = ["points", threshold], _places(len(images), boxes)
        return self._recollection.ask(images, question, DETECTIONS, look, where=where)


class _Masks(_Remembering, Segmenter):
    def predict(
        self, images: Sequence[Image], boxes: Arrays | None = None, *, points: Arrays | None = None
    ) -> list[Masks]:
        def look(rows: list[int]) -> list[Masks]:
            new = [images[r] for r in rows]
            found: list[Masks] = self._model.predict(new, _picked(boxes, rows), points=_picked(points, rows))
            return found

        return self._recollection.ask(images, "masks", MASKS, look, where=_places(len(images), boxes, points))


class _Embedder(_Remembering, Embedder):
    def predict(self, images: Sequence[Image]) -> list[Embedding]:
        return self._ask(images, "vector", EMBEDDING, self._model.predict)

    def embed_text(self, texts: Sequence[str]) -> list[Embedding]:
        return cast("list[Embedding]", self._model.embed_text(texts))


class _Reader(_Remembering, TextReader):
    def predict(self, images: Sequence[Image]) -> list[TextLines]:
        return self._ask(images, "text", TEXT_LINES, self._model.predict)


class _Language(_Remembering, VisionLanguageModel):
    def predict(self, images: Sequence[Image], prompt: str, **options: Any) -> list[Answer]:
        question = [prompt, {name: repr(value) for name, value in options.items()}]
        return self._ask(images, question, ANSWER, partial(self._model.predict, prompt=prompt, **options))


_WRAPS: tuple[tuple[type[Model], Callable[[Model, Recollection, float], Model]], ...] = (
    (ClosedDetector, _ClosedDetector),
    (Detector, _OpenDetector),
    (ClosedClassifier, _ClosedClassifier),
    (Classifier, _OpenClassifier),
    (ClosedSemanticSegmenter, _ClosedMap),
    (SemanticSegmenter, _OpenMap),
    (KeypointDetector, _Pose),
    (Segmenter, _Masks),
    (Embedder, _Embedder),
    (TextReader, _Reader),
    (VisionLanguageModel, _Language),
)
"""The first kind that a model is of."""


def _words(ontology: Ontology) -> list[Any]:
    """Its JSON form, and its example images by their pixels, since a file may change."""
    shown = [read_exemplar(text) for c in ontology.classes for text in c.exemplars]
    return [ontology.to_json(), [[pixel_hash(image), box is not None and box.tolist()] for image, box in shown]]


def _picked(given: Arrays | None, rows: Sequence[int]) -> list[npt.NDArray[np.float32]] | None:
    return None if given is None else [given[r] for r in rows]


def _places(count: int, *given: Arrays | None) -> list[str]:
    """What names the boxes and points given with each image."""
    each = [[None if g is None else np.asarray(g[i], np.float32).tolist() for g in given] for i in range(count)]
    return [short_hash(json.dumps(e)) for e in each]
