"""Prove a student: beside its teacher and the network it started from, on images it never saw, by people's labels."""

import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ocella.datasets import Dataset, Sample
from ocella.errors import DatasetError, Mismatch, NoMatch
from ocella.metrics.accuracy import accuracy
from ocella.metrics.average_precision import accumulate, match
from ocella.metrics.intervals import Interval, bootstrap, paired_difference
from ocella.metrics.precision_recall import Curve, precision_recall
from ocella.models.tasks import Classifier, Detector, Model
from ocella.ops.remap import remap
from ocella.progress import Progress, silent
from ocella.types import Classification, Detections, Image, Ontology

__all__ = ["Contender", "Proof", "Row", "prove", "start_contender"]

Role = Literal["teacher", "untrained start", "student"]
_FLOOR = 0.02
"""Average precision needs unsure boxes too."""


@dataclass(frozen=True)
class Contender:
    """Who is measured: a model, what it is told to look for, and its size on disk; `note` says why there is none."""

    role: Role
    name: str
    model: Model | None
    megabytes: float = 0.0
    ontology: Ontology | None = None
    note: str = ""


@dataclass(frozen=True)
class Row:
    """One line of the table. `score` is AP50 or accuracy with its 95 % interval; None where there is no such model."""

    role: str
    name: str
    score: Interval | None = None
    ap: float | None = None
    ms: float | None = None
    megabytes: float | None = None
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        score = None if self.score is None else self.score.to_json()
        return {**vars(self), "score": score, "ap": _or_none(self.ap)}


def _or_none(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else value


@dataclass(frozen=True)
class Proof:
    """The table, what it was measured on and by whose labels, and whether the student gained over its start."""

    metric: str
    rows: tuple[Row, ...]
    truth: str
    images: int
    classes: tuple[str, ...]
    difference: Interval | None
    verdict: Literal["gain", "no gain", "no start to compare"]
    warnings: tuple[str, ...] = ()
    per_class: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    curves: Mapping[str, Curve] = field(default_factory=dict)
    samples: tuple[Sample, ...] = ()
    truths: tuple[Any, ...] = ()
    found: Mapping[str, Sequence[Any]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """JSON form, without pictures and curves; NaN becomes null."""
        return {
            "metric": self.metric,
            "truth": self.truth,
            "images": self.images,
            "classes": list(self.classes),
            "rows": [r.to_json() for r in self.rows],
            "difference": None if self.difference is None else self.difference.to_json(),
            "verdict": self.verdict,
            "warnings": list(self.warnings),
            "per_class": {k: {f: _or_none(v) for f, v in row.items()} for k, row in self.per_class.items()},
        }


def prove(
    dataset: Dataset,
    contenders: Sequence[Contender],
    classes: tuple[str, ...],
    *,
    truth: Dataset | None = None,
    progress: Progress = silent,
) -> Proof:
    """Measure all contenders on the `val` split. `truth` holds people's labels of the same images (by content), else the
    data set's own labels are the measure. Raises DatasetError where no image can be compared, Mismatch for classes that
    the truth lacks.
    """
    samples, truths, whose = _pairs(dataset, truth, classes)
    found: dict[str, list[Any]] = {}
    ms: dict[str, float] = {}
    for n, contender in enumerate(c for c in contenders if c.model is not None):
        progress("prove", n, len(contenders), contender.role)
        found[contender.role], ms[contender.role] = _run(dataset, samples, contender, classes)
    progress("prove", len(contenders), len(contenders), "intervals")
    judge = _judge_boxes if isinstance(truths[0], Detections) else _judge_classes
    return _told(dataset, contenders, classes, samples, truths, whose, found, ms, judge(found, truths, classes))


def _pairs(dataset: Dataset, truth: Dataset | None, classes: tuple[str, ...]) -> tuple[list[Sample], list[Any], str]:
    held = dataset.split("val")
    if truth is None:
        pairs = [(s, s) for s in held if s.seen]
        kinds = {a.source.kind for s in held for a in s.annotations}
        names = {a.source.name for s in held for a in s.annotations}
        whose = "people's labels" if kinds == {"person"} else f"labels by {', '.join(sorted(names))}, not by people"
    else:
        missing = [c for c in classes if c not in truth.classes]
        if missing:
            raise Mismatch(
                f"The truth in {truth.root} has no class {missing}; it has {list(truth.classes)[:20]}. "
                f"Use its names for the classes, like --classes '{truth.classes[0]}=...'."
            )
        by_content = {s.sha256: s for s in truth if s.seen}
        pairs = [(s, by_content[s.sha256]) for s in held if s.sha256 in by_content]
        whose = "people's labels"
    if not pairs:
        raise DatasetError(
            f"None of the {len(held)} validation images of {dataset.root} has a label to measure by. "
            f"The truth must hold the very same image files."
        )
    truths = [_truth(labelled, classes) for _, labelled in pairs]
    if not any(isinstance(t, str) or len(t) for t in truths):
        raise DatasetError(
            f"None of the {len(truths)} validation images of {dataset.root} shows an object, so there is nothing to find. "
            f"Split again with another seed, or add images."
        )
    return [s for s, _ in pairs], truths, whose


def _truth(sample: Sample, classes: tuple[str, ...]) -> Detections | str:
    labels = sample.labels(Classification)
    return labels[-1].top()[0][0] if labels else sample.detections(classes)


def _run(
    dataset: Dataset, samples: Sequence[Sample], contender: Contender, classes: tuple[str, ...]
) -> tuple[list[Any], float]:
    """What the model says of each image, and its median time for one image in memory, in ms."""
    found, times = [], []
    ask = _asker(contender, classes)
    ask(dataset.image(samples[0]))
    for sample in samples:
        image = dataset.image(sample)
        began = time.perf_counter()
        found.append(ask(image))
        times.append((time.perf_counter() - began) * 1000)
    return found, statistics.median(times)


def _asker(contender: Contender, classes: tuple[str, ...]) -> Callable[[Image], Any]:
    model = contender.model
    if isinstance(model, Detector):
        return lambda image: remap(model.predict([image], contender.ontology, threshold=_FLOOR)[0], classes)
    if isinstance(model, Classifier):
        return lambda image: model.predict([image], contender.ontology)[0]
    raise Mismatch(f"A proof compares detectors or classifiers, got {contender.name}.")


@dataclass(frozen=True)
class _Judged:
    """Score by the weights of the images and AP of each role; the student's details."""

    metric: str
    scores: Mapping[str, Callable[[Any], float]]
    ap: Mapping[str, float]
    per_class: Mapping[str, Mapping[str, float]]
    curves: Mapping[str, Curve]


def _judge_boxes(found: Mapping[str, list[Any]], truths: Sequence[Any], classes: tuple[str, ...]) -> _Judged:
    matches = {role: match(predictions, truths, classes) for role, predictions in found.items()}
    scores = {role: (lambda weights, m=m: accumulate(m, weights, sizes=False).ap50) for role, m in matches.items()}
    whole = {role: accumulate(m) for role, m in matches.items()}
    return _Judged(
        "AP50",
        scores,
        {role: a.ap for role, a in whole.items()},
        whole["student"].per_class,
        precision_recall(matches["student"]),
    )


def _judge_classes(found: Mapping[str, list[Any]], truths: Sequence[Any], classes: tuple[str, ...]) -> _Judged:
    del classes
    judged = {role: accuracy(predictions, truths) for role, predictions in found.items()}
    scores = {role: (lambda weights, a=a: float(weights @ a.correct / weights.sum())) for role, a in judged.items()}
    return _Judged("accuracy", scores, {}, judged["student"].per_class, {})


def _told(
    dataset: Dataset,
    contenders: Sequence[Contender],
    classes: tuple[str, ...],
    samples: list[Sample],
    truths: list[Any],
    whose: str,
    found: Mapping[str, list[Any]],
    ms: Mapping[str, float],
    judged: _Judged,
) -> Proof:
    groups = [s.group or s.file for s in samples]
    drawn = groups if len(set(groups)) > 4 else None
    n = len(samples)
    rows = []
    for c in contenders:
        if c.role not in found:
            rows.append(Row(c.role, c.name, note=c.note))
            continue
        score = bootstrap(judged.scores[c.role], n, groups=drawn)
        rows.append(Row(c.role, c.name, score, judged.ap.get(c.role), ms[c.role], c.megabytes, c.note))
    difference = None
    if "untrained start" in found:
        difference = paired_difference(judged.scores["student"], judged.scores["untrained start"], n, groups=drawn)
    gained = difference is not None and difference.low > 0
    return Proof(
        metric=judged.metric,
        rows=tuple(rows),
        truth=whose,
        images=n,
        classes=classes,
        difference=difference,
        verdict="gain" if gained else "no start to compare" if difference is None else "no gain",
        warnings=tuple(_warnings(dataset, n, whose, groups)),
        per_class=judged.per_class,
        curves=judged.curves,
        samples=tuple(samples),
        truths=tuple(truths),
        found=found,
    )


def _warnings(dataset: Dataset, n: int, whose: str, groups: Sequence[str]) -> list[str]:
    said = []
    if whose != "people's labels":
        said.append(
            f"The measure is {whose}: the numbers say how well the student repeats its teacher, not how right it is."
        )
    if "optimistic" in dataset.info:
        said.append(str(dataset.info["optimistic"]))
    if len(set(groups)) <= 4 < n:
        said.append(
            f"The {n} images come from {_scenes(len(set(groups)))}. The intervals treat images as independent, so they are "
            f"too narrow for other scenes."
        )
    if n < 50:
        said.append(f"{n} images are few: only large differences can show.")
    return said


def _scenes(count: int) -> str:
    return "one scene" if count == 1 else f"{count} scenes"


def start_contender(model: Model, ontology: Ontology) -> Contender:
    """The untrained starting network, asked for those classes that it knows."""
    known = tuple(c for c in ontology.classes if _knows(model, Ontology((c,))))
    name = model.card.name
    if not known or (isinstance(model, Classifier) and len(known) < len(ontology.classes)):
        return Contender(
            "untrained start", name, None, note="does not know these classes, so there is nothing to measure"
        )
    lost = [c.name for c in ontology.classes if c not in known]
    note = f"does not know {', '.join(lost)}" if lost else ""
    return Contender("untrained start", name, model, model.card.megabytes, Ontology(known), note)


def _knows(model: Model, ontology: Ontology) -> bool:
    try:
        model.matches(ontology)
    except NoMatch:
        return False
    return True
