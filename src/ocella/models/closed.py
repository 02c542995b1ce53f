"""Models that know a fixed list of classes, asked for an ontology."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ocella.errors import NoMatch
from ocella.models.entry import zoo
from ocella.models.text.match import Match, explain_no_match, match_prompts, remap_table
from ocella.types import Detections, Ontology

__all__ = ["ClosedVocabulary"]


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
                able = [e.card.name for e in zoo if e.card.task == self.task and e.card.open_vocabulary]
                raise NoMatch(explain_no_match(found, able, self.task))
            self._done[ontology] = found, remap_table(found, self.known, ontology)
        return self._done[ontology][0]

    def table(self, ontology: Ontology) -> npt.NDArray[np.int64]:
        """Known class id to class_id of the ontology, or -1."""
        self.matches(ontology)
        return self._done[ontology][1]

    def translate(self, found: Detections, ontology: Ontology | None) -> Detections:
        """Detections of known classes as those of the ontology; the rest is left out."""
        if ontology is None:
            return found
        ids = self.table(ontology)[found.class_id]
        return found[ids >= 0].replace(class_id=ids[ids >= 0], classes=ontology.names)
