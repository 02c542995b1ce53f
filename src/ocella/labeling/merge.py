"""New labels into a data set: what a person touched stays, what the same model proposed before is replaced."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ocella.datasets import Dataset, Sample
from ocella.datasets.dataset import FILE
from ocella.labeling.carry_over import carry_over
from ocella.labeling.gather import Gathered
from ocella.labeling.rule import by_rule
from ocella.ops.iou import iou
from ocella.types import Annotation, Detections, Source

__all__ = ["merge"]


def merge(
    root: Path, gathered: Gathered, said: Mapping[str, Any], source: Source, task: str, classes: tuple[str, ...]
) -> tuple[Dataset, tuple[tuple[str, str], ...]]:
    """The data set at `root` with what the model said of each image by hash, and (name, reason) of images set aside."""
    old = Dataset.open(root) if (root / FILE).is_file() else Dataset(root, task, classes, ())
    if old.samples and old.classes != classes:
        old = carry_over(old, classes)
    before = {s.file: s for s in old}
    aside = list(gathered.set_aside)
    samples = dict(before)
    skeleton = old.skeleton
    for item in gathered.items:
        body = said[item.sha256]
        if "aside" in body:
            aside.append((item.file.removeprefix("images/"), body["aside"]))
            continue
        new = Annotation.from_json({"value": body["label"], "source": source.to_json(), "state": [], "note": []})
        if isinstance(new.value, Detections) and new.value.keypoints is not None:
            skeleton = new.value.keypoints.skeleton
        sample = before.get(item.file) or Sample(item.file, item.size_hw, item.sha256, "", item.group, item.source)
        samples[item.file] = sample.replace(
            sha256=item.sha256, size_hw=item.size_hw, annotations=_merged(sample.annotations, new)
        )
    return old.replace(task=task, classes=classes, samples=tuple(samples.values()), skeleton=skeleton), tuple(aside)


def _merged(old: Sequence[Annotation], new: Annotation) -> tuple[Annotation, ...]:
    """The new annotation takes the place of the same model's proposals; what a person touched stays and is not doubled."""
    same = [a for a in old if (a.source.kind, a.source.name) == (new.source.kind, new.source.name)]
    others = [a for a in old if a not in same]
    kept = [t for a in same if (t := _touched(a)) is not None]
    if not kept:
        return (*others, _keep_run(same, new))
    if isinstance(new.value, Detections):
        boxes = np.concatenate([a.value.xyxy for a in kept if isinstance(a.value, Detections)])
        free = iou(new.value.xyxy, boxes).max(axis=1, initial=0) <= 0.5
        return (*others, *kept, _keep_run(same, Annotation(new.value[free], new.source)))
    return (*others, *kept)


def _keep_run(same: Sequence[Annotation], new: Annotation) -> Annotation:
    """An equal earlier label keeps its run, time and rule-made rejections: running twice changes nothing."""
    for earlier in same:
        if earlier.value == new.value and dict(earlier.source.settings) == dict(new.source.settings):
            return earlier
    return new


def _touched(annotation: Annotation) -> Annotation | None:
    """The rows that a person accepted, edited or rejected."""
    rows = [
        i
        for i, (state, note) in enumerate(zip(annotation.state, annotation.note, strict=True))
        if state in ("accepted", "edited") or (state == "rejected" and not by_rule(note))
    ]
    if not rows:
        return None
    if not isinstance(annotation.value, Detections):
        return annotation
    state, note = tuple(annotation.state[i] for i in rows), tuple(annotation.note[i] for i in rows)
    return replace(annotation, value=annotation.value[rows], state=state, note=note)
