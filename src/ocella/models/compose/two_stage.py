"""A detector's boxes, named by a classifier."""

from collections.abc import Sequence

import numpy as np

from ocella.errors import InvalidValue
from ocella.models.card import ModelCard
from ocella.models.compose.joined_card import joined_card
from ocella.models.tasks import Classifier, Detector
from ocella.models.text.match import Match
from ocella.ops.boxes import area
from ocella.ops.crop import crop
from ocella.types import Detections, Image, Ontology

__all__ = ["TwoStage"]


class TwoStage(Detector):
    """A detector says where, a classifier what: each box is cut out and classified. `confidence` stays the detector's,
    `data["class_confidence"]` is the classifier's, `data["found_as"]` the detector's own name for it. Boxes whose class is
    less sure than `unsure` are left out. The detector looks for `find`; without it for all that it knows, or, where it
    takes any prompt, for the ontology.
    """

    def __init__(
        self, detector: Detector, classifier: Classifier, *, find: Ontology | None = None, unsure: float = 0.0
    ) -> None:
        if not 0 <= unsure <= 1:
            raise InvalidValue(f"unsure must be within 0..1, got {unsure}.")
        self.detector, self.classifier, self.find, self.unsure = detector, classifier, find, unsure

    @property
    def card(self) -> ModelCard:
        """Both cards; the classes are the classifier's."""
        one, two = self.detector.card, self.classifier.card
        return joined_card(
            f"{one.name}+{two.name}",
            (one, two),
            classes=two.classes,
            vocabulary=two.vocabulary,
            open_vocabulary=two.open_vocabulary,
        )

    @property
    def classes(self) -> tuple[str, ...]:
        """The classifier's."""
        return self.classifier.classes

    def matches(self, ontology: Ontology) -> tuple[Match, ...]:
        """The classifier's."""
        return self.classifier.matches(ontology)

    def predict(
        self, images: Sequence[Image], ontology: Ontology | None = None, *, threshold: float | None = None
    ) -> list[Detections]:
        """Detections with the classifier's classes, or the ontology's; `threshold`, and before it a class's own, is held
        against the detector's confidence. Raises InvalidValue without an ontology where the classifier takes any class.
        """
        names = self.classes if ontology is None else ontology.names
        if not names:
            raise InvalidValue(f"'{self.card.name}' names what it is told to: give classes, like 'person, dog'.")
        if ontology is not None:
            self.matches(ontology)
        floor = self.detector.card.threshold if threshold is None else threshold
        own = [None] * len(names) if ontology is None else [c.threshold for c in ontology.classes]
        floors = np.array([floor if t is None else t for t in own], np.float32)
        asked = ontology if self.detector.card.open_vocabulary and self.find is None else self.find
        found = self.detector.predict(images, asked, threshold=float(floors.min()))
        named = [self._name(image, f, ontology, names) for image, f in zip(images, found, strict=True)]
        return [n[n.confidence >= floors[n.class_id]] for n in named]

    def _name(self, image: Image, found: Detections, ontology: Ontology | None, names: tuple[str, ...]) -> Detections:
        found = found[area(found.xyxy) > 0]
        results = self.classifier.predict(crop(image, found.xyxy), ontology) if len(found) else []
        scores = np.array([r.confidence for r in results], np.float32).reshape(len(found), len(names))
        class_id, sure = scores.argmax(axis=1), scores.max(axis=1)
        data = {**found.data, "class_confidence": sure, "found_as": np.array(found.names, np.str_)}
        return found.replace(class_id=class_id, classes=names, data=data)[sure >= self.unsure]
