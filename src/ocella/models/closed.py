"""Models that know a fixed list of classes, asked for an ontology."""

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue, NoMatch
from ocella.models.batches import batches
from ocella.models.entry import zoo
from ocella.models.tasks import Classifier, Detector, SemanticSegmenter
from ocella.models.text.match import Match, explain_no_match, match_prompts, remap_table
from ocella.ops.nms import nms
from ocella.types import Classification, Detections, Image, Ontology, SegmentationMap

__all__ = ["ClosedClassifier", "ClosedDetector", "ClosedSemanticSegmenter", "ClosedVocabulary"]

_SHOWN = 4
"""How many open-vocabulary models a refusal names."""


class ClosedVocabulary:
    """Which known class each prompt means, worked out once an ontology."""

    def __init__(self, known: Sequence[str], task: str) -> None:
        self.known, self.task = tuple(known), task
        self._done: dict[Ontology, tuple[tuple[Match, ...], npt.NDArray[np.int64]]] = {}

    def matches(self, ontology: Ontology) -> tuple[Match, ...]:
        """A match for every prompt; raises NoMatch where one matches nothing, InvalidValue where two classes meet."""
        if ontology not in self._done:
            found = match_prompts(ontology, self.known)
            if any(m.known is None for m in found):
                raise NoMatch(explain_no_match(found, _open_models(self.task), self.task))
            self._done[ontology] = found, remap_table(found, self.known, ontology)
        return self._done[ontology][0]

    def table(self, ontology: Ontology) -> npt.NDArray[np.int64]:
        """Known class id to class_id of the ontology, or -1."""
        self.matches(ontology)
        return self._done[ontology][1]

    def translate(self, found: Detections, ontology: Ontology | None) -> Detections:
        """Detections of known classes as those of the ontology; the rest is left out. Where several known classes are one,
        boxes of it that lie on each other are one object.
        """
        if ontology is None:
            return found
        table = self.table(ontology)
        ids = table[found.class_id]
        named = found[ids >= 0].replace(class_id=ids[ids >= 0], classes=ontology.names)
        if len(set(table[table >= 0].tolist())) == (table >= 0).sum():
            return named
        return named[nms(named.xyxy, named.confidence, named.class_id)]


class ClosedDetector(Detector):
    """A detector of a fixed list of classes: `_find` looks, this asks it for an ontology and holds thresholds. `batch`
    images go together.
    """

    batch: int = 1
    _vocabulary: ClosedVocabulary

    def matches(self, ontology: Ontology) -> tuple[Match, ...]:
        """The own class that each prompt means; raises NoMatch."""
        return self._vocabulary.matches(ontology)

    def predict(
        self, images: Sequence[Image], ontology: Ontology | None = None, *, threshold: float | None = None
    ) -> list[Detections]:
        """Objects of each image; a class's own threshold in the ontology goes before `threshold`."""
        floors = _floors(ontology, len(self.classes), self.card.threshold if threshold is None else threshold)
        if ontology is not None:
            self.matches(ontology)
        found = [f for chunk in batches(images, self.batch) for f in self._find(chunk, float(floors.min()))]
        translated = [self._vocabulary.translate(f, ontology) for f in found]
        return [f[f.confidence >= floors[f.class_id]] for f in translated]

    @abstractmethod
    def _find(self, images: Sequence[Image], floor: float) -> list[Detections]:
        """Objects of the own classes with confidence of at least `floor`, boxes inside the image."""


class ClosedClassifier(Classifier):
    """A classifier of a fixed list of classes: `_score` scores, this asks it for an ontology. `batch` images go together."""

    batch: int = 1
    _vocabulary: ClosedVocabulary

    def matches(self, ontology: Ontology) -> tuple[Match, ...]:
        """The own class that each prompt means; raises NoMatch."""
        return self._vocabulary.matches(ontology)

    def predict(self, images: Sequence[Image], ontology: Ontology | None = None) -> list[Classification]:
        """Scores over the own classes, or for each class of the ontology the sum over the classes its prompts mean."""
        table = None if ontology is None else self._vocabulary.table(ontology)
        scores = [row for chunk in batches(images, self.batch) for row in self._score(chunk)]
        if ontology is None or table is None:
            return [Classification(row, self.classes) for row in scores]
        members = [table == i for i in range(len(ontology.names))]
        summed = [np.array([min(1.0, row[m].sum()) for m in members], np.float32) for row in scores]
        return [Classification(row, ontology.names, multi_label=True) for row in summed]

    @abstractmethod
    def _score(self, images: Sequence[Image]) -> npt.NDArray[np.float32]:
        """Probabilities (n, classes) over the own classes."""


class ClosedSemanticSegmenter(SemanticSegmenter):
    """A class for every pixel of a fixed list: `_map` looks, this asks it for an ontology. `batch` images go together."""

    batch: int = 1
    _vocabulary: ClosedVocabulary

    def matches(self, ontology: Ontology) -> tuple[Match, ...]:
        """The own class that each prompt means; raises NoMatch."""
        return self._vocabulary.matches(ontology)

    def predict(
        self, images: Sequence[Image], ontology: Ontology | None = None, *, threshold: float | None = None
    ) -> list[SegmentationMap]:
        """A map of each image in its own size; -1 where a pixel is none of the ontology's classes."""
        table = None if ontology is None else self._vocabulary.table(ontology).astype(np.int32)
        floor = self.card.threshold if threshold is None else threshold
        found = [m for chunk in batches(images, self.batch) for m in self._map(chunk, floor)]
        if ontology is None or table is None:
            return [SegmentationMap(m, self.card.classes) for m in found]
        with_none = np.append(table, np.int32(-1))  # the last place, which -1 points to
        return [SegmentationMap(with_none[m], ontology.names) for m in found]

    @abstractmethod
    def _map(self, images: Sequence[Image], threshold: float) -> list[npt.NDArray[np.int32]]:
        """Class ids (height, width) of each image into the own classes; -1 is none. Networks whose classes compete for a
        pixel leave `threshold` out.
        """


def _open_models(task: str) -> list[str]:
    """The first few that take any words, and those that come with the install."""
    able = [e.card for e in zoo if e.card.task == task and e.card.open_vocabulary]
    able = [card for card in able if card.library not in ("package", "server")]
    able.sort(key=lambda card: (not card.commercial_use, card.try_order))
    return [card.name for place, card in enumerate(able) if place < _SHOWN or not card.extra]


def _floors(ontology: Ontology | None, classes: int, floor: float) -> npt.NDArray[np.float32]:
    if not 0 <= floor <= 1:
        raise InvalidValue(f"threshold must be within 0..1, got {floor}.")
    if ontology is None:
        return np.full(max(1, classes), floor, np.float32)
    return np.array([floor if c.threshold is None else c.threshold for c in ontology.classes], np.float32)
