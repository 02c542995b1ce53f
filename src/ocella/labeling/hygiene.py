"""Clean labels by rule: find, fix, undo. What a person has touched is left alone."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ocella.datasets import Dataset, Sample
from ocella.datasets.dataset import FILE, from_coco
from ocella.errors import NotFound
from ocella.labeling.rule import Finding, Rule, by_rule, rules
from ocella.media.write import write_bytes
from ocella.ops.boxes import clip
from ocella.types import Annotation, Detections

__all__ = ["Cleaned", "clean", "undo"]

_BEFORE = ".ocella/before-clean.json"


@dataclass(frozen=True)
class Cleaned:
    """What the rules have changed, now and before: counts by rule, and file, class, rule, reason, box of each finding."""

    dataset: Dataset
    counts: Mapping[str, int]
    findings: tuple[Mapping[str, Any], ...] = ()
    applied: bool = False
    summaries: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """JSON form for `--json`."""
        return {
            "dataset": str(self.dataset.root),
            "applied": self.applied,
            "counts": dict(self.counts),
            "findings": [dict(f) for f in self.findings],
        }


def clean(dataset: Dataset, *, only: Sequence[str] = (), apply: bool = True) -> Cleaned:
    """Run the rules (all, or `only` those named) over every machine-made label that nobody has touched. With `apply`
    the fixes are saved; `undo` takes them back.
    """
    chosen = [rules.get(name) for name in only] or list(rules)
    cleaned = dataset.map(lambda sample: _clean_sample(sample, chosen))
    findings = [f for sample in cleaned for f in _findings(sample, {r.name for r in chosen})]
    counts = Counter({r.name: 0 for r in chosen})
    counts.update(str(f["rule"]) for f in findings)
    if apply and cleaned != dataset:
        write_bytes(dataset.root / _BEFORE, (dataset.root / FILE).read_bytes())
        cleaned.save()
    summaries = {r.name: r.summary for r in chosen}
    return Cleaned(cleaned if apply else dataset, dict(counts), tuple(findings), apply, summaries)


def undo(root: Path) -> Dataset:
    """Bring back the labels as they were before the last clean, but not those that a person touched since; splits stay.
    Raises NotFound where there was none.
    """
    before = root / _BEFORE
    if not before.is_file():
        raise NotFound(f"There is nothing to undo in {root}: no clean was applied since the last undo.")
    earlier = {s.file: s for s in from_coco(json.loads(before.read_text(encoding="utf-8")), root)}
    restored = Dataset.open(root).map(lambda s: _restore(s, earlier[s.file]) if s.file in earlier else s)
    restored.save()
    before.unlink()
    return restored


def _restore(now: Sample, before: Sample) -> Sample:
    known = {(a.source.name, a.source.run): a for a in before.annotations}
    return now.replace(
        annotations=tuple(_restore_rows(a, known.get((a.source.name, a.source.run))) for a in now.annotations)
    )


def _restore_rows(now: Annotation, before: Annotation | None) -> Annotation:
    """Rows that a rule changed get their box, state and note back."""
    if before is None or not isinstance(now.value, Detections) or not isinstance(before.value, Detections):
        return now
    if len(before.value) != len(now.value):
        return now
    ruled = np.array(
        [by_rule(n) and s in ("proposed", "rejected") for s, n in zip(now.state, now.note, strict=True)], bool
    )
    xyxy = np.where(ruled[:, None], before.value.xyxy, now.value.xyxy)
    state = tuple(b if r else s for r, s, b in zip(ruled, now.state, before.state, strict=True))
    note = tuple(b if r else s for r, s, b in zip(ruled, now.note, before.note, strict=True))
    return now.replace(value=now.value.replace(xyxy=xyxy), state=state, note=note)


def _clean_sample(sample: Sample, chosen: Sequence[Rule]) -> Sample:
    """Rules see all labels that count, of all sources together, and one after the other what the last one left."""
    annotations = list(sample.annotations)
    for rule in chosen:
        rows = [
            (k, i)
            for k, a in enumerate(annotations)
            if isinstance(a.value, Detections)
            for i in range(len(a.value))
            if a.state[i] != "rejected"
        ]
        if not rows:
            continue
        together = Detections.concatenate([p for p in map(_judged, annotations) if p is not None and len(p)])
        for finding in rule.find(together, sample.size_hw):
            k, i = rows[finding.row]
            if annotations[k].source.kind != "person" and annotations[k].state[i] == "proposed":
                annotations[k] = _fix(annotations[k], i, rule, finding, sample.size_hw)
    return sample.replace(annotations=tuple(annotations))


def _judged(annotation: Annotation) -> Detections | None:
    """The rows that count, without what no rule looks at; what a person has touched is as sure as can be, so that it
    wins over machine-made doubles.
    """
    if not isinstance(annotation.value, Detections):
        return None
    person = annotation.source.kind == "person"
    sure = np.array([person or s != "proposed" for s in annotation.state], bool)
    confidence = np.where(sure, np.float32(1), annotation.value.confidence)
    keep = np.array([s != "rejected" for s in annotation.state], bool)
    return annotation.value.replace(confidence=confidence)[keep]


def _findings(sample: Sample, chosen: set[str]) -> Iterator[Mapping[str, Any]]:
    """What rules have changed, now or in an earlier clean, as their notes tell."""
    for annotation in sample.annotations:
        if annotation.source.kind == "person" or not isinstance(annotation.value, Detections):
            continue
        for i, (state, note) in enumerate(zip(annotation.state, annotation.note, strict=True)):
            rule, _, reason = note.partition(": ")
            if rule in chosen and state in ("proposed", "rejected"):
                yield {
                    "file": sample.file,
                    "class": annotation.value.names[i],
                    "rule": rule,
                    "reason": reason,
                    "fix": "reject" if state == "rejected" else "clip",
                    "xyxy": [round(float(v), 1) for v in annotation.value.xyxy[i]],
                    "confidence": round(float(annotation.value.confidence[i]), 4),
                }


def _fix(annotation: Annotation, row: int, rule: Rule, finding: Finding, size_hw: tuple[int, int]) -> Annotation:
    note = list(annotation.note)
    note[row] = f"{rule.name}: {finding.reason}"
    if finding.fix == "reject":
        state = list(annotation.state)
        state[row] = "rejected"
        return annotation.replace(state=tuple(state), note=tuple(note))
    assert isinstance(annotation.value, Detections)
    xyxy = np.array(annotation.value.xyxy)
    xyxy[row] = clip(xyxy[row : row + 1], size_hw)[0]
    return annotation.replace(value=annotation.value.replace(xyxy=xyxy), note=tuple(note))
