"""Several detectors that vote on every object."""

from collections.abc import Sequence

import numpy as np

from ocella.errors import InvalidValue
from ocella.models.card import ModelCard
from ocella.models.compose.joined_card import joined_card
from ocella.models.compose.merge import Merge, check_merge
from ocella.models.tasks import Detector
from ocella.models.text.match import Match
from ocella.ops.fusion import fuse
from ocella.types import Detections, Image, Ontology

__all__ = ["Consensus"]


class Consensus(Detector):
    """Objects that at least `votes` of the detectors found: boxes of one class that overlap by more than `iou` are one
    object. Its box and confidence are the mean of theirs weighted by confidence ("wbf") or the most confident one's
    ("nms"); with `scaled` the confidence is lowered by the share of detectors that agree, as weighted box fusion has it.
    `data["votes"]` says how many found it. All are asked for one ontology, or for the classes that all of them know.
    """

    def __init__(
        self,
        detectors: Sequence[Detector],
        votes: int = 2,
        *,
        iou: float = 0.55,
        merge: Merge = "wbf",
        scaled: bool = False,
    ) -> None:
        if not 1 <= votes <= len(detectors):
            raise InvalidValue(
                f"votes must be within 1..{len(detectors)}, as many as there are detectors, got {votes}."
            )
        check_merge(merge)
        self.detectors, self.votes = tuple(detectors), votes
        self.iou, self.merge, self.scaled = iou, merge, scaled

    @property
    def card(self) -> ModelCard:
        """All cards."""
        cards = [d.card for d in self.detectors]
        name = f"consensus-{self.votes}({', '.join(c.name for c in cards)})"
        return joined_card(name, cards, classes=self.classes, open_vocabulary=all(c.open_vocabulary for c in cards))

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes that all detectors with a fixed list know; empty where none has one."""
        fixed = [d.classes for d in self.detectors if d.classes]
        return tuple(c for c in fixed[0] if all(c in known for known in fixed)) if fixed else ()

    def matches(self, ontology: Ontology) -> tuple[Match, ...]:
        """Those of all detectors, one after the other."""
        return tuple(m for d in self.detectors for m in d.matches(ontology))

    def predict(
        self, images: Sequence[Image], ontology: Ontology | None = None, *, threshold: float | None = None
    ) -> list[Detections]:
        """Objects that enough detectors found; `threshold` is held against each detector's own confidence. Raises InvalidValue without an ontology where they know no class in
        common.
        """
        if ontology is None and not self.classes:
            raise InvalidValue(f"'{self.card.name}' knows no class in common: give classes, like 'person, dog'.")
        asked = ontology or Ontology.of(*self.classes)
        found = [d.predict(images, asked, threshold=threshold) for d in self.detectors]
        return [self._agree(parts) for parts in zip(*found, strict=True)]

    def _agree(self, parts: Sequence[Detections]) -> Detections:
        joined = Detections.concatenate(parts)
        source = np.repeat(np.arange(len(parts)), [len(p) for p in parts])
        sources = len(parts) if self.scaled else 1
        fused = fuse(joined.xyxy, joined.confidence, joined.class_id, iou=self.iou, sources=sources)
        votes = np.array([len(set(source[fused.member == i])) for i in range(len(fused.lead))], np.int64)
        found = joined[fused.lead]
        found = found.replace(data={**found.data, "votes": votes})
        if self.merge == "wbf":
            found = found.replace(xyxy=fused.xyxy, confidence=np.minimum(fused.confidence, 1))
        return found[votes >= self.votes]
