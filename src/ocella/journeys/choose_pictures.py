"""Pictures for the page of `choose`: the same images under the best settings, what the first gets wrong, what to label."""

from collections.abc import Sequence

import numpy as np

from ocella.choosing.chosen import Scored
from ocella.choosing.question import Question, Reply
from ocella.choosing.report import Failure, View
from ocella.choosing.run import Run
from ocella.errors import NotFound, Unreadable
from ocella.media.load import load
from ocella.metrics.agreement import agreement
from ocella.ops.iou import iou
from ocella.types import Detections, Embedding, Image, ImageRef, Label

__all__ = ["at_thresholds", "failures_of", "pictures_to_label", "views_of"]

_VIEWS = 6
_FAILURES = 12
_SETTINGS = 3
_TO_LABEL = 12


def at_thresholds(label: Label | Embedding, scored: Scored) -> Label | Embedding:
    """What a setting says at its thresholds; labels without confidences for parts stay as they are."""
    if not isinstance(label, Detections) or scored.setting.ontology is None:
        return label
    least = np.array([c.threshold or 0.0 for c in scored.setting.ontology.classes])
    return label[label.confidence >= least[label.class_id]]


def views_of(ranked: Sequence[Scored], runs: Sequence[Run], images: Sequence[ImageRef]) -> list[View]:
    """The images about which the best settings disagree most, with what each says."""
    by_name = {r.setting.name: r for r in runs}
    best = [
        (s, by_name[s.name]) for s in ranked[:_SETTINGS] if s.name in by_name
    ]  # a name does not speak of thresholds
    if not best:
        return []
    said = [[at_thresholds(label, scored) for label in run.said] for scored, run in best]
    columns = [tuple(x for x in column if not isinstance(x, Embedding)) for column in zip(*said, strict=True)]
    order = sorted(range(len(images)), key=lambda i: (-_disagreement(columns[i]), i))
    shown = [(images[i], columns[i]) for i in order[:_VIEWS]]
    return [View(ref.name, image, labels) for ref, labels in shown if (image := _read(ref)) is not None]


def failures_of(
    best: Scored, run: Run, images: Sequence[ImageRef], replies: Sequence[tuple[Question, Reply]]
) -> list[Failure]:
    """What answers about single things showed: claims of the best setting that are wrong, and true things it does not claim."""
    places = {ref.name: i for i, ref in enumerate(images)}
    found: list[Failure] = []
    for question, reply in replies:
        place = places.get(question.file)
        if question.objects is None or question.kind != "object" or place is None or len(found) >= _FAILURES:
            continue
        claimed = at_thresholds(run.said[place], best)
        thing = question.objects[:1]
        is_claimed = isinstance(claimed, Detections) and _claims(claimed, thing)
        is_true = reply.verdict in ("yes", "fix")
        image = _read(images[place]) if is_claimed != is_true and reply.verdict != "skip" else None
        if image is not None:
            named = f"it is a {reply.class_name}" if reply.class_name else ""
            found.append(Failure("missed" if is_true else "wrong", question.file, image, thing, named))
    return found


def pictures_to_label(files: Sequence[str], images: Sequence[ImageRef]) -> list[tuple[str, Image]]:
    """The first few of the files worth labelling."""
    by_name = {ref.name: ref for ref in images}
    read = [(name, _read(by_name[name])) for name in files[:_TO_LABEL] if name in by_name]
    return [(name, image) for name, image in read if image is not None]


def _claims(claimed: Detections, thing: Detections) -> bool:
    near = iou(thing.xyxy, claimed.xyxy)[0] >= 0.5
    return bool((near & (claimed.class_id == thing.class_id[0])).any())


def _disagreement(labels: Sequence[Label]) -> float:
    """How little the first agrees with the others, more where there is more to see."""
    boxes = [label for label in labels if isinstance(label, Detections)]
    if len(boxes) < 2:
        return 0.0 if len({repr(label.to_json()) for label in labels}) == 1 else 1.0
    apart = [1 - agreement([boxes[0]], [other]).share for other in boxes[1:]]
    return float(np.mean(apart)) * min(4, max(len(b) for b in boxes))


def _read(ref: ImageRef) -> Image | None:
    try:
        return load(ref)
    except (Unreadable, NotFound):  # gone since it was looked at
        return None
