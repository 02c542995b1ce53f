"""Where a student's labels and start come from, and under what terms it may be used."""

from collections import Counter
from dataclasses import dataclass

from ocella.datasets.dataset import Dataset
from ocella.models.card import ModelCard

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
    terms: dict[str, bool] = {} if start is None else {start.weights_license: start.commercial_use}
    for sample in dataset:
        for annotation in sample.annotations:
            people = annotation.source.kind == "person"
            made["people" if people else annotation.source.name] += len(annotation.state)
            if not people:
                facts = annotation.source.settings
                terms[str(facts.get("weights_license", "unknown"))] = bool(facts.get("commercial_use", False))
    told = " + ".join(terms) or "none but your own: random start, labels by people"
    return Lineage(", ".join(name for name, _ in made.most_common()), told, all(terms.values()))
