"""Clean labels by rule: find, fix, undo. What a person has touched is left alone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ocella.datasets import Dataset, Sample
from ocella.datasets.dataset import FILE
from ocella.errors import NotFound
from ocella.labeling.rule import Finding, Rule, rules
from ocella.media.write import write_bytes
from ocella.ops.boxes import clip
from ocella.types import Annotation, Detections

__all__ = ["Cleaned", "clean", "undo"]

_BEFORE = ".ocella/before-clean.json"


@dataclass(frozen=True)
class Cleaned:
    """What was found: counts by rule, and (file, class, rule, reason, box) of each finding."""

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
    the fixes are saved; `undo` brings the file back byte for byte.
    """
    chosen = [rules.get(name) for name in only] or list(rules)
    findings: list[Mapping[str, Any]] = []
    cleaned = dataset.map(lambda sample: _clean_sample(sample, chosen, findings))
    counts = Counter({r.name: 0 for r in chosen})
    counts.update(str(f["rule"]) for f in findings)
    if apply and findings:
        write_bytes(dataset.root / _BEFORE, (dataset.root / FILE).read_bytes())
        cleaned.save()
    summaries = {r.name: r.summary for r in chosen}
    return Cleaned(cleaned if apply else dataset, dict(counts), tuple(findings), apply, summaries)


def undo(root: Path) -> Dataset:
    """Bring back the labels as they were before the last clean; raises NotFound where there was none."""
    before = root / _BEFORE
    if not before.is_file():
        raise NotFound(f"There is nothing to undo in {root}: no clean was applied since the last undo.")
    write_bytes(root / FILE, before.read_bytes())
    before.unlink()
    return Dataset.open(root)


def _clean_sample(sample: Sample, chosen: Sequence[Rule], findings: list[Mapping[str, Any]]) -> Sample:
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
        parts = [a.value[[s != "rejected" for s in a.state]] for a in annotations if isinstance(a.value, Detections)]
        together = Detections.concatenate([p for p in parts if len(p)])
        for finding in rule.find(together, sample.size_hw):
            k, i = rows[finding.row]
            if annotations[k].source.kind != "person" and annotations[k].state[i] == "proposed":
                findings.append(_entry(sample, rule, finding, together))
                annotations[k] = _fix(annotations[k], i, rule, finding, sample.size_hw)
    return sample.replace(annotations=tuple(annotations))


def _entry(sample: Sample, rule: Rule, finding: Finding, found: Detections) -> Mapping[str, Any]:
    return {
        "file": sample.file,
        "class": found.names[finding.row],
        "rule": rule.name,
        "reason": finding.reason,
        "fix": finding.fix,
        "xyxy": [round(float(v), 1) for v in found.xyxy[finding.row]],
        "confidence": round(float(found.confidence[finding.row]), 4),
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
