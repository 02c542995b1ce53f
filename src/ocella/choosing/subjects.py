"""What is asked about, by task: where runs look at things, things; where they look at images, images."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from ocella.choosing.choice import Judge
from ocella.choosing.counted import count_pixels, count_units
from ocella.choosing.labelled import Labelled
from ocella.choosing.neighbours import Neighbours
from ocella.choosing.objects import Objects
from ocella.choosing.run import Run
from ocella.choosing.session import Subject
from ocella.choosing.spots import Spots
from ocella.choosing.votes import Texts, Votes
from ocella.errors import InvalidValue, Mismatch
from ocella.metrics.matching import On
from ocella.types import Answer, Classification, Detections, Label, SegmentationMap

__all__ = ["exact_for", "subject_for"]

Files = Sequence[tuple[str, Path]]
OfKind = TypeVar("OfKind")


@dataclass(frozen=True)
class _Task:
    """How a task's runs are asked about, how they are judged by labels (of the images, over classes), and what the main
    figure (F of the judge) is called.
    """

    subject: Callable[[Sequence[Run], Files], Subject]
    exact: Callable[[Sequence[Run], Sequence[Label], Sequence[str]], Judge]
    metric: str


def subject_for(task: str, runs: Sequence[Run], files: Files) -> tuple[Subject, str]:
    """The subject of a task's runs, and what its main figure is called. Raises InvalidValue for a task that cannot be asked
    about.
    """
    found = _task(task)
    return found.subject(runs, files), found.metric


def exact_for(task: str, runs: Sequence[Run], truths: Sequence[Label], classes: Sequence[str]) -> tuple[Judge, str]:
    """Exact figures from labels, one an image, and what the main one is called."""
    found = _task(task)
    return found.exact(runs, truths, classes), found.metric


def _task(name: str) -> _Task:
    if name not in _TASKS:
        raise InvalidValue(f"Settings can be compared for {', '.join(_TASKS)}, not for '{name}'.")
    return _TASKS[name]


def _detect(runs: Sequence[Run], files: Files) -> Subject:
    return Objects(runs, files, on="masks" if _have_masks([s for run in runs for s in run.said]) else "boxes")


def _detect_exact(runs: Sequence[Run], truths: Sequence[Label], _: Sequence[str]) -> Judge:
    have = _have_masks([s for run in runs for s in run.said]) and _have_masks(truths)
    return _labelled(runs, truths, "masks" if have else "boxes")


def _keypoints(runs: Sequence[Run], files: Files) -> Subject:
    return Objects(runs, files, on="keypoints")


def _keypoints_exact(runs: Sequence[Run], truths: Sequence[Label], _: Sequence[str]) -> Judge:
    return _labelled(runs, truths, "keypoints")


def _labelled(runs: Sequence[Run], truths: Sequence[Label], on: On) -> Judge:
    said = [[s for s in run.said if isinstance(s, Detections)] for run in runs]
    pool = Objects(runs, _numbered(truths), on=on).pool
    return Labelled(pool, said, _only(Detections, truths), on=on)


def _votes(runs: Sequence[Run], files: Files) -> Subject:
    return Votes(runs, files, _classes(runs))


def _votes_exact(runs: Sequence[Run], truths: Sequence[Label], classes: Sequence[str]) -> Judge:
    names = list(classes)
    top = [truth.top(1)[0][0] for truth in _only(Classification, truths)]
    truth = np.array([names.index(name) if name in names else len(names) for name in top], np.int64)
    return count_units(Votes(runs, _numbered(truths), classes).pool, truth)


def _answers(runs: Sequence[Run], files: Files) -> Subject:
    """Of a language model: classes where it was told them, else whatever it said."""
    return _votes(runs, files) if _classes(runs) else Texts(runs, files)


def _answers_exact(runs: Sequence[Run], truths: Sequence[Label], classes: Sequence[str]) -> Judge:
    if classes:
        return _votes_exact(runs, truths, classes)
    subject = Texts(runs, _numbered(truths))
    places = [subject.place(unit, truth.text) for unit, truth in enumerate(_only(Answer, truths))]
    return count_units(subject.pool, np.array(places, np.int64))


def _spots(runs: Sequence[Run], files: Files) -> Subject:
    return Spots(runs, files, _classes(runs) or _map_classes(runs))


def _spots_exact(runs: Sequence[Run], truths: Sequence[Label], classes: Sequence[str]) -> Judge:
    subject = Spots(runs, _numbered(truths), classes or _map_classes(runs))
    return count_pixels(subject.pool, runs, _only(SegmentationMap, truths))


def _neighbours(runs: Sequence[Run], files: Files) -> Subject:
    return Neighbours(runs, files)


def _neighbours_exact(runs: Sequence[Run], truths: Sequence[Label], _: Sequence[str]) -> Judge:
    subject = Neighbours(runs, _numbered(truths))
    kind = np.array([truth.top(1)[0][0] for truth in _only(Classification, truths)])
    one, other = subject.pairs
    return count_units(subject.pool, np.where(kind[one] == kind[other], 0, -1))


_TASKS = {
    "detect": _Task(_detect, _detect_exact, "F1"),
    "keypoints": _Task(_keypoints, _keypoints_exact, "F1"),
    "classify": _Task(_votes, _votes_exact, "accuracy"),
    "vlm": _Task(_answers, _answers_exact, "accuracy"),
    "semantic-segment": _Task(_spots, _spots_exact, "pixel accuracy"),
    "embed": _Task(_neighbours, _neighbours_exact, "same-kind at 1"),
}


def _classes(runs: Sequence[Run]) -> tuple[str, ...]:
    """What all runs were asked for, or, of classifiers that were asked for nothing, what they know; empty where they differ."""
    known = [s.classes for run in runs for s in run.said[:1] if isinstance(s, Classification)]
    asked = [run.setting.ontology.names for run in runs if run.setting.ontology is not None]
    found = {*asked} or {*known}
    return found.pop() if len(found) == 1 and len(asked) in (0, len(runs)) else ()


def _map_classes(runs: Sequence[Run]) -> tuple[str, ...]:
    maps = [s for run in runs for s in run.said[:1] if isinstance(s, SegmentationMap)]
    return tuple(dict.fromkeys(name for m in maps for name in m.classes))


def _have_masks(said: Sequence[object]) -> bool:
    filled = [s for s in said if isinstance(s, Detections) and len(s)]
    return bool(filled) and all(s.masks is not None for s in filled)


def _numbered(truths: Sequence[Label]) -> Files:
    return [(str(n), Path(str(n))) for n in range(len(truths))]


def _only(kind: type[OfKind], truths: Sequence[Label]) -> list[OfKind]:
    found: list[OfKind] = [t for t in truths if isinstance(t, kind)]
    if len(found) != len(truths):
        raise Mismatch(f"All labels must be of the kind {kind.__name__}, got {len(found)} of {len(truths)}.")
    return found
