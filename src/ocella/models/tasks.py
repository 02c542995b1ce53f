"""The interfaces of models: ten tasks, one verb. `predict` is batch-first; one image is a batch of one."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ocella.models.card import ModelCard
from ocella.models.text.match import Match
from ocella.types import (
    Answer,
    Classification,
    DepthMap,
    Detections,
    Embedding,
    Image,
    Keypoints,
    Masks,
    Ontology,
    SegmentationMap,
    TextLines,
)

__all__ = [
    "Classifier",
    "DepthEstimator",
    "Detector",
    "Embedder",
    "KeypointDetector",
    "Model",
    "Segmenter",
    "SemanticSegmenter",
    "TextReader",
    "VideoSegmenter",
    "VisionLanguageModel",
]


class Model(ABC):
    """What every model has: its card."""

    task: ClassVar[str]
    _card: ModelCard

    @property
    def card(self) -> ModelCard:
        """Facts about the model; data only."""
        return self._card

    def matches(self, ontology: Ontology) -> tuple[Match, ...]:
        """What each prompt means to a model with a fixed list of classes; empty for one that takes any prompt.
        Raises NoMatch where a prompt is nothing that the model knows.
        """
        del ontology
        return ()


class Detector(Model):
    """Images to objects with boxes (and masks or keypoints where the model has them)."""

    task = "detect"

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of what it finds without an ontology; empty for an open-vocabulary model."""
        return self.card.classes

    @abstractmethod
    def predict(
        self, images: Sequence[Image], ontology: Ontology | None = None, *, threshold: float | None = None
    ) -> list[Detections]:
        """Objects of each image with confidence of at least `threshold` (the card's where None). With an ontology
        the result has its classes; raises NoMatch where a prompt is nothing that the model knows.
        """


class Segmenter(Model):
    """Promptable: image and boxes, or points, to one mask each."""

    task = "segment"

    @abstractmethod
    def predict(
        self,
        images: Sequence[Image],
        boxes: Sequence[npt.NDArray[np.float32]] | None = None,
        *,
        points: Sequence[npt.NDArray[np.float32]] | None = None,
    ) -> list[Masks]:
        """Masks of each image, one for each of its boxes (n, 4) in absolute pixels, or one for each object of its
        `points` (n, k, 3): x, y and 1 for on the object, 0 for not on it, -1 for no point. With both, row by row
        together. Raises Mismatch where the model does not take points.
        """


class VideoSegmenter(Model):
    """Objects of a video's first frame, followed through the rest."""

    task = "track"

    @abstractmethod
    def predict(
        self,
        frames: Iterable[Image],
        boxes: npt.NDArray[np.float32] | None = None,
        *,
        points: npt.NDArray[np.float32] | None = None,
    ) -> Iterator[Detections]:
        """For each frame in turn the objects that are in it, with masks and `track_id` (the row of the prompt).
        `boxes` (n, 4) and `points` (n, k, 3), as those of a Segmenter, lie in the first frame.
        """


class SemanticSegmenter(Model):
    """Images to a class for every pixel."""

    task = "semantic-segment"

    @abstractmethod
    def predict(
        self, images: Sequence[Image], ontology: Ontology | None = None, *, threshold: float | None = None
    ) -> list[SegmentationMap]:
        """A map of each image in its own size; with an ontology it has its classes, and -1 where none of them is."""


class Classifier(Model):
    """Images to scores over classes."""

    task = "classify"

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of what it tells apart without an ontology; empty for one that takes any."""
        return self.card.classes

    @abstractmethod
    def predict(self, images: Sequence[Image], ontology: Ontology | None = None) -> list[Classification]:
        """Scores of each image over the ontology's classes, or the model's own."""


class KeypointDetector(Model):
    """Images to objects with keypoints."""

    task = "keypoints"

    @abstractmethod
    def predict(
        self,
        images: Sequence[Image],
        boxes: Sequence[npt.NDArray[np.float32]] | None = None,
        *,
        threshold: float | None = None,
    ) -> list[Detections]:
        """Detections that carry keypoints. A top-down model looks into `boxes` (n, 4) of each image, or at the whole
        image where none are given; one that finds its objects itself takes none and raises Mismatch.
        """

    @staticmethod
    def points(found: Detections) -> Keypoints:
        """The keypoints of such detections."""
        assert found.keypoints is not None
        return found.keypoints


class Embedder(Model):
    """Images, and for some models texts, to unit vectors."""

    task = "embed"

    @abstractmethod
    def predict(self, images: Sequence[Image]) -> list[Embedding]:
        """A vector of each image."""

    @abstractmethod
    def embed_text(self, texts: Sequence[str]) -> list[Embedding]:
        """A vector of each text in the same space; raises Refused where the model has none."""


class DepthEstimator(Model):
    """Images to distance."""

    task = "depth"

    @abstractmethod
    def predict(self, images: Sequence[Image]) -> list[DepthMap]:
        """A map of each image in its own size."""


class TextReader(Model):
    """Images to the text in them."""

    task = "ocr"

    @abstractmethod
    def predict(self, images: Sequence[Image]) -> list[TextLines]:
        """Lines of each image in reading order."""


class VisionLanguageModel(Model):
    """Images and a prompt to text."""

    task = "vlm"

    @abstractmethod
    def predict(self, images: Sequence[Image], prompt: str, **options: Any) -> list[Answer]:
        """An answer for each image."""
