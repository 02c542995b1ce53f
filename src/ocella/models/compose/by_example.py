"""A detector whose boxes are named by their likeness to example images."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.models.card import ModelCard
from ocella.models.compose.joined_card import joined_card
from ocella.models.detection.exemplar_image import read_exemplar
from ocella.models.tasks import Detector, Embedder
from ocella.ops.boxes import area
from ocella.ops.crop import crop
from ocella.ops.nms import nms
from ocella.types import Detections, Image, Ontology

__all__ = ["Exemplar"]

Floats = npt.NDArray[np.float32]

_LEAST = 1e-3
"""Length of a mean of unit vectors under which it points nowhere."""


class Exemplar(Detector):
    """The ontology is example images: each class is the mean of its examples' vectors, and a box of the detector is of
    the class whose mean its own vector is most like. `confidence` is that cosine, 0 where negative: a likeness and no
    probability, so `threshold` is worth choosing for an embedder. `data["found_confidence"]` is the detector's. It looks
    for `find`; without it for all that it knows, or, where it takes any prompt, for "object". OWLv2 needs none of this:
    it takes example images itself.
    """

    def __init__(
        self, detector: Detector, embedder: Embedder, *, threshold: float = 0.6, find: Ontology | None = None
    ) -> None:
        if not 0 <= threshold <= 1:
            raise InvalidValue(f"threshold must be within 0..1, got {threshold}.")
        self.detector, self.embedder, self.threshold = detector, embedder, threshold
        self.find = find or (None if detector.classes else Ontology.of("object"))
        self._means: dict[Ontology, Floats] = {}

    @property
    def card(self) -> ModelCard:
        """Both cards; it takes any class of which there are example images."""
        one, two = self.detector.card, self.embedder.card
        return joined_card(
            f"{one.name}+{two.name}",
            (one, two),
            classes=(),
            vocabulary="",
            open_vocabulary=True,
            prompts=("image",),
            score_kind="similarity",
            threshold=self.threshold,
        )

    @property
    def classes(self) -> tuple[str, ...]:
        """None: what it finds is said by examples."""
        return ()

    def predict(
        self, images: Sequence[Image], ontology: Ontology | None = None, *, threshold: float | None = None
    ) -> list[Detections]:
        """What looks like the ontology's examples; a class's own threshold goes before `threshold`. Raises InvalidValue
        for a class without examples.
        """
        if ontology is None:
            raise InvalidValue(f"'{self.card.name}' finds what it is shown: give classes with example images.")
        floor = self.threshold if threshold is None else threshold
        if not 0 <= floor <= 1:
            raise InvalidValue(f"threshold must be within 0..1, got {floor}.")
        floors = np.array([floor if c.threshold is None else c.threshold for c in ontology.classes], np.float32)
        means = self._prototypes(ontology)
        proposals = self.detector.predict(images, self.find)
        return [self._name(i, p, ontology, means, floors) for i, p in zip(images, proposals, strict=True)]

    def _prototypes(self, ontology: Ontology) -> Floats:
        """A unit vector (classes, d) for each class, worked out once an ontology."""
        if ontology not in self._means:
            bare = [c.name for c in ontology.classes if not c.exemplars]
            if bare:
                raise InvalidValue(f"The classes {', '.join(bare)} have no example images. Give exemplars for each.")
            self._means[ontology] = np.stack([self._mean(c.exemplars) for c in ontology.classes])
        return self._means[ontology]

    def _mean(self, exemplars: Sequence[str]) -> Floats:
        shown = [read_exemplar(e) for e in exemplars]
        mean = self._vectors([i if box is None else crop(i, [box])[0] for i, box in shown]).mean(axis=0)
        length = float(np.linalg.norm(mean))
        if length < _LEAST:
            raise InvalidValue(
                f"The examples {', '.join(exemplars)} have nothing in common. Make them several classes."
            )
        return np.asarray(mean / length, np.float32)

    def _vectors(self, images: Sequence[Image]) -> Floats:
        return np.stack([e.vector for e in self.embedder.predict(images)])

    def _name(self, image: Image, found: Detections, ontology: Ontology, means: Floats, floors: Floats) -> Detections:
        found = found[area(found.xyxy) > 0]
        if not len(found):
            return Detections.empty(ontology.names)
        likeness = np.clip(self._vectors(crop(image, found.xyxy)) @ means.T, 0, 1)
        class_id, confidence = likeness.argmax(axis=1), likeness.max(axis=1)
        data = {**found.data, "found_confidence": found.confidence}
        named = found.replace(class_id=class_id, confidence=confidence, classes=ontology.names, data=data)
        named = named[confidence >= floors[class_id]]
        return named[nms(named.xyxy, named.confidence, named.class_id)]
