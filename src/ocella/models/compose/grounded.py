"""A detector's boxes, turned into masks."""

from collections.abc import Sequence

from ocella.errors import Mismatch
from ocella.models.card import ModelCard
from ocella.models.compose.joined_card import joined_card
from ocella.models.tasks import Detector, Segmenter
from ocella.models.text.match import Match, match_prompts
from ocella.types import Detections, Image, Ontology

__all__ = ["Grounded"]


class Grounded(Detector):
    """A detector whose boxes a promptable segmenter turns into masks. A segmenter whose card names classes is asked for
    objects of those alone. `shown` is its name where it has one of its own.
    """

    def __init__(self, detector: Detector, segmenter: Segmenter, *, shown: str = "") -> None:
        self.detector, self.segmenter, self._shown = detector, segmenter, shown

    @property
    def card(self) -> ModelCard:
        """The detector's card; commercial use only if both allow it."""
        one, two = self.detector.card, self.segmenter.card
        return joined_card(self._shown or f"{one.name}+{two.name}", (one, two), outlines=True)

    @property
    def classes(self) -> tuple[str, ...]:
        """The detector's classes that the segmenter can mask."""
        able = self.segmenter.card.classes
        return tuple(c for c in self.detector.classes if not able or c in able)

    def matches(self, ontology: Ontology) -> tuple[Match, ...]:
        """The detector's; raises Mismatch where a prompt means a class that the segmenter cannot mask. Where the detector
        takes any prompt, its words are matched to the segmenter's classes.
        """
        found = self.detector.matches(ontology)
        able = self.segmenter.card.classes
        meant = found or (match_prompts(ontology, able) if able else ())
        beyond = sorted({m.class_name for m in meant if able and m.known not in able})
        if beyond:
            raise Mismatch(
                f"'{self.segmenter.card.name}' makes masks of {', '.join(able)} only, not of {', '.join(beyond)}. "
                f"Leave these out, or use '{self.detector.card.name}' alone for boxes."
            )
        return found

    def predict(
        self, images: Sequence[Image], ontology: Ontology | None = None, *, threshold: float | None = None
    ) -> list[Detections]:
        """Detections that carry masks."""
        if ontology is None and self.classes != self.detector.classes:
            ontology = Ontology.of(*self.classes)
        if ontology is not None:
            self.matches(ontology)
        found = self.detector.predict(images, ontology, threshold=threshold)
        masks = self.segmenter.predict(images, [f.xyxy for f in found])
        return [f.replace(masks=m) for f, m in zip(found, masks, strict=True)]
