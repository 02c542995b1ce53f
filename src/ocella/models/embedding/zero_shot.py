"""Classifiers of whatever texts name."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.models.batches import batches
from ocella.models.open_vocabulary import read_prompt
from ocella.models.prompt_table import PromptTable
from ocella.models.tasks import Classifier
from ocella.types import Classification, Image, Ontology

__all__ = ["ZeroShotClassifier", "class_scores"]

Floats = npt.NDArray[np.float32]


class ZeroShotClassifier(Classifier):
    """Texts are read once an ontology (`_encode`), then `batch` images at once get a logit for each text (`_logits`).
    Of several prompts of a class the best speaks for it. Where texts do not stand `alone` they share 1: a negative is
    one more text, whose share goes to no class. Where they do, a class shares its own score with its negatives.
    """

    batch: int = 1
    alone: bool = False

    def __init__(self) -> None:
        self._asked: dict[Ontology, tuple[PromptTable, Any]] = {}

    def predict(self, images: Sequence[Image], ontology: Ontology | None = None) -> list[Classification]:
        """Scores over the ontology's classes. Raises InvalidValue without one, or where there is nothing to choose."""
        if ontology is None:
            raise InvalidValue(f"'{self.card.name}' needs classes to choose from. Give some: --classes 'cat, dog'.")
        if ontology not in self._asked:
            self._asked[ontology] = self._ask(ontology)
        table, encoded = self._asked[ontology]
        rows = [row for chunk in batches(images, self.batch) for row in self._logits(chunk, encoded)]
        shared = not self.alone and not any(table.negative)
        return [
            Classification(class_scores(row, table, alone=self.alone), ontology.names, multi_label=not shared)
            for row in rows
        ]

    def _ask(self, ontology: Ontology) -> tuple[PromptTable, Any]:
        shown = [c.name for c in ontology.classes if c.exemplars]
        if shown:
            raise InvalidValue(
                f"'{self.card.name}' reads words, but the classes {', '.join(shown)} have example images. Leave exemplars out."
            )
        table = PromptTable.of(ontology, self._read)
        if not self.alone and len(ontology.classes) == 1 and not any(table.negative):
            raise InvalidValue(
                f"'{self.card.name}' shares 1 among the classes, so '{ontology.names[0]}' alone would always get all of it. "
                "Give a second class, or negatives: what the image may show instead."
            )
        return table, self._encode(table.texts)

    def _read(self, prompt: str) -> str:
        """A prompt as the model reads it, so that two spellings are one."""
        return read_prompt(prompt)

    @abstractmethod
    def _encode(self, texts: Sequence[str]) -> Any:
        """Texts as the network takes them, worked out once; raises InvalidValue where one does not fit."""

    @abstractmethod
    def _logits(self, images: Sequence[Image], encoded: Any) -> Floats:
        """A logit (n, texts) of each image for each text."""


def class_scores(logits: Floats, table: PromptTable, *, alone: bool) -> Floats:
    """Scores (classes,) in 0..1 from the logits (texts,) of one image."""
    best = np.array([logits[list(columns)].max() for columns in table.positive], np.float64)
    if not alone:
        named = {c for columns in table.positive for c in columns}
        rivals = sorted({c for columns in table.negative for c in columns} - named)
        return _shares(np.concatenate([best, logits[rivals]]))[: len(best)]
    scores = 1 / (1 + np.exp(np.minimum(-best, 80)))
    for i, columns in enumerate(table.negative):
        scores[i] *= _shares(np.array([best[i], *logits[list(columns)]]))[0]
    return scores.astype(np.float32)


def _shares(logits: npt.NDArray[np.float64]) -> Floats:
    exp = np.exp(logits - logits.max())
    return np.asarray(exp / exp.sum(), np.float32)
