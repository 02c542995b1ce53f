"""A detector whose classes are renamed, merged or left out."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ocella.errors import InvalidValue, Mismatch
from ocella.models.card import ModelCard
from ocella.models.closed import ClosedDetector, ClosedVocabulary
from ocella.models.tasks import Detector
from ocella.ops.nms import nms
from ocella.types import Detections, Image, Ontology

__all__ = ["Remapped"]


class Remapped(ClosedDetector):
    """`names` says what each class becomes: another name, one that several share, or None to leave it out. Classes that it
    does not name stay as they are. A detector of any prompt is asked for the keys of `names`.
    """

    batch = sys.maxsize  # the detector makes its own

    def __init__(self, detector: Detector, names: Mapping[str, str | None]) -> None:
        known = detector.classes or tuple(names)
        unknown = sorted(set(names) - set(known))
        if unknown:
            raise Mismatch(
                f"'{detector.card.name}' has no class {', '.join(unknown)}. Expected some of {', '.join(known)}."
            )
        targets = [names.get(c, c) for c in known]
        kept = tuple(dict.fromkeys(t for t in targets if t is not None))
        if not kept:
            raise InvalidValue("names must leave at least one class, got None for every one.")
        self.detector, self.names = detector, dict(names)
        self._ids = np.array([-1 if t is None else kept.index(t) for t in targets], np.int64)
        self._asked = None if detector.classes else Ontology.of(*known)
        self._classes, self._vocabulary = kept, ClosedVocabulary(kept, "detect")

    @property
    def card(self) -> ModelCard:
        """The detector's card with the new classes."""
        card = self.detector.card
        return replace(card, name=f"remapped({card.name})", classes=self._classes, open_vocabulary=False, vocabulary="")

    def _find(self, images: Sequence[Image], floor: float) -> list[Detections]:
        return [self._rename(f) for f in self.detector.predict(images, self._asked, threshold=floor)]

    def _rename(self, found: Detections) -> Detections:
        """Under the new names; boxes of classes that became one and lie on each other are one object."""
        ids = self._ids[found.class_id]
        named = found[ids >= 0].replace(class_id=ids[ids >= 0], classes=self._classes)
        return named[nms(named.xyxy, named.confidence, named.class_id)]
