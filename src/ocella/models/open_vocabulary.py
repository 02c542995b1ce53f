"""Models that take any prompt, asked for an ontology."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from ocella.errors import InvalidValue
from ocella.models.batches import batches
from ocella.models.prompt_table import PromptTable
from ocella.models.tasks import Detector
from ocella.types import Detections, Image, Ontology

__all__ = ["OpenDetector", "read_prompt"]


class OpenDetector(Detector):
    """A detector of what texts name: the texts are read once an ontology (`_read`, `_encode`), then `_find` looks for all
    of them in `batch` images at once.
    """

    batch: int = 1

    def __init__(self) -> None:
        self._asked: dict[Ontology, tuple[PromptTable, Any]] = {}

    def predict(
        self, images: Sequence[Image], ontology: Ontology | None = None, *, threshold: float | None = None
    ) -> list[Detections]:
        """What the ontology's prompts name, in each image; a class's own threshold goes before `threshold`. Raises
        InvalidValue without an ontology.
        """
        if ontology is None:
            raise InvalidValue(f"'{self.card.name}' finds what it is told to: give classes, like 'person, dog'.")
        if ontology not in self._asked:
            self._asked[ontology] = self._ask(ontology)
        table, encoded = self._asked[ontology]
        floor = self.card.threshold if threshold is None else threshold
        table.floors(floor)
        return [f for chunk in batches(images, self.batch) for f in self._find(chunk, table, encoded, floor)]

    def _ask(self, ontology: Ontology) -> tuple[PromptTable, Any]:
        """The table of an ontology, and its texts as the network takes them; raises InvalidValue for example images."""
        shown = [c.name for c in ontology.classes if c.exemplars]
        if shown:
            raise InvalidValue(
                f"'{self.card.name}' reads words, but the classes {', '.join(shown)} have example images. Leave exemplars "
                "out, or use a model that takes them, like owlv2-base-patch16-ensemble."
            )
        table = PromptTable.of(ontology, self._read)
        return table, self._encode(table.texts)

    def _read(self, prompt: str) -> str:
        """A prompt as the model reads it, so that two spellings are one."""
        return read_prompt(prompt)

    @abstractmethod
    def _encode(self, texts: Sequence[str]) -> Any:
        """Texts as the network takes them, worked out once; raises InvalidValue where one does not fit."""

    @abstractmethod
    def _find(self, images: Sequence[Image], table: PromptTable, encoded: Any, threshold: float) -> list[Detections]:
        """Detections of each image of a batch, made by `table.detections` from a score of every box for every text."""


def read_prompt(prompt: str) -> str:
    """In lower case with single spaces; raises InvalidValue where there are no letters."""
    text = " ".join(prompt.lower().split())
    if not any(c.isalnum() for c in text):
        raise InvalidValue(f"The prompt {prompt!r} must have letters: name what to find, like 'dog'.")
    return text
