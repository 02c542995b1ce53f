"""What a label run did, led by what matched nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ocella.datasets import Dataset, Sample
from ocella.labeling.gather import Gathered
from ocella.types import Answer, Classification, Detections, Ontology, SegmentationMap, Source, TextLines

__all__ = ["Labeled", "summarise"]


@dataclass(frozen=True)
class Labeled:
    """What a run did. `empty_classes` are those nothing was found for, `silent_prompts` those that found nothing while
    another prompt of their class did (known only of models that say which prompt won); `set_aside` are (name, reason).
    """

    dataset: Dataset
    model: str
    new: int
    reused: int
    seconds: float
    counts: Mapping[str, int]
    empty_classes: tuple[str, ...]
    empty_images: int
    set_aside: tuple[tuple[str, str], ...] = ()
    matches: tuple[Mapping[str, Any], ...] = ()
    run: str = ""
    confidence: Mapping[str, Sequence[float]] = field(default_factory=dict)
    silent_prompts: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """JSON form for `--json`."""
        return {
            "dataset": str(self.dataset.root),
            "model": self.model,
            "images": len(self.dataset),
            "new": self.new,
            "reused": self.reused,
            "seconds": round(self.seconds, 3),
            "counts": dict(self.counts),
            "empty_classes": list(self.empty_classes),
            "silent_prompts": list(self.silent_prompts),
            "empty_images": self.empty_images,
            "set_aside": [{"name": n, "reason": r} for n, r in self.set_aside],
            "matches": [dict(m) for m in self.matches],
        }


def summarise(
    dataset: Dataset,
    gathered: Gathered,
    aside: tuple[tuple[str, str], ...],
    source: Source,
    new: int,
    seconds: float,
    matches: tuple[Mapping[str, Any], ...],
    ontology: Ontology | None,
) -> Labeled:
    """Counts over the images of this run."""
    counts: Counter[str] = Counter(dict.fromkeys(dataset.classes, 0))
    scores: dict[str, list[float]] = {}
    files = {i.file for i in gathered.items}
    winners: set[str] = set()
    empty = 0
    for sample in dataset:
        if sample.file not in files:
            continue
        found = list(_named(sample))
        empty += not found
        winners |= {str(p) for d in sample.labels(Detections) for p in d.data.get("prompt", ())}
        for name, score in found:
            counts[name] += 1
            if score is not None:
                scores.setdefault(name, []).append(score)
    return Labeled(
        dataset,
        source.name,
        new,
        len(gathered.items) - new,
        seconds,
        dict(counts),
        tuple(c for c in dataset.classes if not counts[c]),
        empty,
        aside,
        matches,
        source.run,
        scores,
        _silent(ontology, winners, counts),
    )


def _silent(ontology: Ontology | None, winners: set[str], counts: Mapping[str, int]) -> tuple[str, ...]:
    if ontology is None or not winners:
        return ()
    return tuple(p for p, i in ontology.prompts if p not in winners and counts[ontology.names[i]])


def _named(sample: Sample) -> Iterator[tuple[str, float | None]]:
    """(class, confidence) of every label that counts; None where its kind has no confidence."""
    for found in sample.labels(Detections):
        yield from zip(found.names, found.confidence.tolist(), strict=True)
    for value in sample.labels(Classification):
        yield value.top()[0]
    for lines in sample.labels(TextLines):
        yield from (("text", float(c)) for c in lines.confidence)
    for area in sample.labels(SegmentationMap):
        yield from ((name, None) for name, share in area.share().items() if share)
    yield from (("answer", None) for _ in sample.labels(Answer))
