"""Wrap to tweak: a composition has models and is one. This is the door to all of them."""

from collections.abc import Callable
from typing import Any

from ocella.errors import Mismatch
from ocella.models.compose.by_example import Exemplar
from ocella.models.compose.consensus import Consensus
from ocella.models.compose.grounded import Grounded
from ocella.models.compose.line_by_line import LineByLine
from ocella.models.compose.remapped import Remapped
from ocella.models.compose.tiled import Tiled
from ocella.models.compose.top_down import TopDown
from ocella.models.compose.two_stage import TwoStage
from ocella.models.tasks import Classifier, Detector, Embedder, KeypointDetector, Model, Segmenter, TextReader

__all__ = [
    "Consensus",
    "Exemplar",
    "Grounded",
    "LineByLine",
    "Remapped",
    "Tiled",
    "TopDown",
    "TwoStage",
    "join",
    "tiled",
]

_JOINS: dict[str, Callable[[Any, Any], Model]] = {
    Segmenter.task: Grounded,
    Classifier.task: TwoStage,
    KeypointDetector.task: TopDown,
    Embedder.task: Exemplar,
}
"""By the task of the model that a detector's boxes are handed to."""


def tiled(model: Model, tile: tuple[int, int] | None) -> Model:
    """A detector looking at `tile` rows x columns too; without `tile`, and for other tasks, the model as it is."""
    return Tiled(model, *tile) if tile is not None and isinstance(model, Detector) else model


def join(first: Model, second: Model) -> Model:
    """A detector with what its boxes are handed to, or a finder of lines with a reader of one; raises Mismatch for two
    models that cannot be joined.
    """
    if isinstance(first, TextReader) and isinstance(second, TextReader):
        return LineByLine(first, second)
    made = _JOINS.get(second.task)
    if first.task != Detector.task or made is None:
        raise Mismatch(
            f"'{first.card.name}+{second.card.name}' must join a detector and a model for one of "
            f"{', '.join(sorted(_JOINS))}, got {first.task}+{second.task}."
        )
    return made(first, second)
