"""Where a student's labels and start come from, and under what terms it may be used."""

from collections import Counter
from dataclasses import dataclass

from ocella.datasets.dataset import Dataset
from ocella.errors import NotFound
from ocella.models.card import ModelCard
from ocella.models.load import find_entry

__all__ = ["Lineage", "lineage"]


@dataclass(frozen=True)
class Lineage:
    """`teacher` names who made the labels, most labels first; the licence joins those of teachers and start."""

    teacher: str
    weights_license: str
    commercial_use: bool


def lineage(dataset: Dataset, start: ModelCard | None) -> Lineage:
    """Teachers by number of labels; commercial use only where the start and every teaching model allow it."""
    made: Counter[str] = Counter()
    for sample in dataset:
        for annotation in sample.annotations:
            people = annotation.source.kind == "person"
            made["people" if people else annotation.source.name] += len(annotation.state)
    cards = [card for name in made if name != "people" for card in _cards(name)]
    licenses = ["unknown" if card is None else card.weights_license for card in cards]
    allowed = all(card is not None and card.commercial_use for card in cards)
    if start is not None:
        licenses.insert(0, start.weights_license)
        allowed = allowed and start.commercial_use
    terms = " + ".join(dict.fromkeys(licenses)) or "none but your own: random start, labels by people"
    return Lineage(", ".join(name for name, _ in made.most_common()), terms, allowed)


def _cards(name: str) -> list[ModelCard | None]:
    """Cards of a teacher's parts: `tiled-2x2(nanodet-g)+person-segmentation` has two; None for one not known."""
    return [_card(part.rpartition("(")[2].rstrip(")")) for part in name.split("+")]


def _card(name: str) -> ModelCard | None:
    try:
        return find_entry(name).card
    except NotFound:
        return None
