"""Answers read from labels that are there already; with an error rate it simulates a person who is sometimes wrong."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.choosing.question import Question, QuestionKind, Reply
from ocella.choosing.texts import plain
from ocella.errors import InvalidValue
from ocella.metrics.keypoint_similarity import keypoint_similarity, sigmas_for
from ocella.ops.iou import covered, iou
from ocella.ops.masks import mask_iou
from ocella.types import Answer, Classification, Detections, Label, SegmentationMap, TextLines

__all__ = ["LabelAsker"]

_ALIKE = 0.5
"""From this overlap (IoU of boxes and outlines, OKS of points) on a thing is the labelled one."""
_TIGHT = 0.75
"""From this IoU on a box needs no fixing."""


class LabelAsker:
    """Answers from `truths`, one label an image file; an image without one, or a box in a crowd region (data column
    `iscrowd`), gets "skip". With `error` that share of the answers, drawn by `seed` and question, is turned wrong.
    """

    def __init__(self, truths: Mapping[str, Label], name: str, *, error: float = 0.0, seed: int = 0) -> None:
        if not 0 <= error <= 1:
            raise InvalidValue(f"error must be within 0..1, got {error}.")
        self.name = f"simulated: {name}, {error:.0%} of the answers made wrong" if error else name
        self._truths, self._error, self._seed = truths, error, seed
        self._objects: dict[str, _Objects] = {}
        self._answers: Mapping[QuestionKind, Callable[[Question, Any], Reply]] = {
            "object": self._object,
            "missing": self._missing,
            "outline": self._outline,
            "points": self._points,
            "class": self._class,
            "pair": self._pair,
            "text": self._text,
        }

    def __call__(self, question: Question, done: int = 0, most: int = 0) -> Reply:  # noqa: ARG002  # as an Asker is called
        """The answer to one question; the same whenever it is asked."""
        truth = self._truths.get(question.file)
        reply = _SKIP if truth is None else self._answers[question.kind](question, truth)
        if self._error and reply is not _SKIP:
            wrong, which = self._chance(question)
            if wrong < self._error:
                return _ERRORS.get(question.kind, _turned)(reply, _asked(question), which)
        return reply

    def _chance(self, question: Question) -> tuple[float, float]:
        """Two numbers in 0..1 that depend on the seed and the question alone, not on what was asked before."""
        box = b"" if question.objects is None else question.objects.xyxy[:1].tobytes()
        text = f"{self._seed} {question.kind} {question.file} {question.other_file} ".encode()
        drawn = hashlib.blake2b(text + box, digest_size=8).digest()
        return int.from_bytes(drawn[:4]) / 2**32, int.from_bytes(drawn[4:]) / 2**32

    def _known(self, file: str, truth: Label) -> "_Objects":
        if file not in self._objects:
            self._objects[file] = _Objects.of(_as(Detections, truth, file))
        return self._objects[file]

    def _object(self, question: Question, truth: Label) -> Reply:
        known, shown = self._known(question.file, truth), _shown(question)
        box = shown.xyxy[:1]
        overlap = iou(box, known.boxes)[0]
        name = shown.classes[shown.class_id[0]]
        row = known.best(name, overlap)
        if row >= 0:
            return _YES if overlap[row] >= _TIGHT else Reply("fix", xyxy=known.corners[row])
        others = [(overlap[r], c) for c in _asked(question) if c != name and (r := known.best(c, overlap)) >= 0]
        if others:
            return Reply("class", max(others)[1])
        return _SKIP if len(known.crowds) and covered(box, known.crowds).max() >= _ALIKE else _NO

    def _missing(self, question: Question, truth: Label) -> Reply:
        known, shown = self._known(question.file, truth), question.objects
        seen = set() if shown is None else _paired(_likeness(known, shown))
        asked = _asked(question) or tuple(known.rows)
        counts = {name: sum(r not in seen for r in known.rows.get(name, ())) for name in asked}
        return Reply("missing", missing={name: n for name, n in counts.items() if n})

    def _outline(self, question: Question, truth: Label) -> Reply:
        shown, known = _shown(question), _no_crowd(_as(Detections, truth, question.file))
        if shown.masks is None or known.masks is None or not len(known):
            return _SKIP if known.masks is None and len(known) else _NO
        return _alike(question, known, mask_iou(shown.masks[np.array([0])], known.masks)[0])

    def _points(self, question: Question, truth: Label) -> Reply:
        shown, known = _shown(question)[0], _no_crowd(_as(Detections, truth, question.file))
        if shown.keypoints is None or known.keypoints is None or not len(known):
            return _SKIP if known.keypoints is None and len(known) else _NO
        sigmas = sigmas_for(len(known.keypoints.skeleton.names))
        like = keypoint_similarity(shown.keypoints, known.keypoints, known.area, known.xyxy, sigmas)
        return _alike(question, known, like[0])

    def _class(self, question: Question, truth: Label) -> Reply:
        if isinstance(truth, SegmentationMap):
            return self._spot(question, truth)
        name = _top(_as(Classification, truth, question.file))
        return Reply("class", name) if name in question.choices else _NO

    @staticmethod
    def _spot(question: Question, truth: SegmentationMap) -> Reply:
        """The class of the pixel in the middle of the box."""
        x1, y1, x2, y2 = _shown(question).xyxy[0].tolist()
        class_id = int(truth.class_id[int((y1 + y2) / 2), int((x1 + x2) / 2)])
        if class_id < 0:
            return _SKIP
        name = truth.classes[class_id]
        return Reply("class", name) if name in question.choices else _NO

    def _pair(self, question: Question, truth: Label) -> Reply:
        other = self._truths.get(question.other_file)
        if other is None:
            return _SKIP
        first, second = (_as(Classification, label, question.file) for label in (truth, other))
        return _yes(_top(first) == _top(second))

    def _text(self, question: Question, truth: Label) -> Reply:
        said = truth if isinstance(truth, Answer) else _as(TextLines, truth, question.file)
        right = [c for c in question.choices if plain(c) == plain(said.text)]
        if len(question.choices) < 2:
            return _yes(bool(right))
        return Reply("class", right[0]) if right else _NO


@dataclass(frozen=True, eq=False)
class _Objects:
    """The labelled `things` of one image: `boxes` (m, 4) as float64 and as numbers, rows by class, crowd regions apart."""

    things: Detections
    boxes: npt.NDArray[np.float64]
    corners: tuple[tuple[float, float, float, float], ...]
    rows: Mapping[str, npt.NDArray[np.int64]]
    crowds: npt.NDArray[np.float64]

    @classmethod
    def of(cls, truth: Detections) -> "_Objects":
        crowd = np.asarray(truth.data.get("iscrowd", np.zeros(len(truth))), bool)
        sized = (truth.xyxy[:, 2:] > truth.xyxy[:, :2]).all(axis=1)
        kept = truth[~crowd & sized]
        boxes = kept.xyxy.astype(np.float64)
        names = np.array(kept.names)
        rows = {name: np.flatnonzero(names == name) for name in dict.fromkeys(kept.names)}
        return cls(
            kept, boxes, tuple((a, b, c, d) for a, b, c, d in boxes.tolist()), rows, truth.xyxy[crowd].astype(float)
        )

    def best(self, name: str, overlap: npt.NDArray[np.float64]) -> int:
        """The row of that class that overlaps most, -1 where none does enough."""
        rows = self.rows.get(name)
        if rows is None:
            return -1
        row = int(rows[np.argmax(overlap[rows])])
        return row if overlap[row] >= _ALIKE else -1


def _likeness(known: _Objects, shown: Detections) -> npt.NDArray[np.float64]:
    """(m, n) by outlines or points where these are shown and labelled, else by boxes."""
    things = known.things
    if shown.masks is not None and things.masks is not None and len(shown) and len(things):
        return np.asarray(mask_iou(things.masks, shown.masks))
    if shown.keypoints is not None and things.keypoints is not None and len(shown) and len(things):
        sigmas = sigmas_for(len(things.keypoints.skeleton.names))
        return keypoint_similarity(shown.keypoints, things.keypoints, things.area, things.xyxy, sigmas).T
    return iou(known.boxes, shown.xyxy)


def _paired(overlap: npt.NDArray[np.float64]) -> set[int]:
    """Rows that have a column of their own, the closest pairs first."""
    rows, columns = np.nonzero(overlap >= _ALIKE)
    order = np.argsort(-overlap[rows, columns], kind="stable")
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if row not in pairs and column not in taken:
            pairs[row] = column
            taken.add(column)
    return set(pairs)


def _shown(question: Question) -> Detections:
    if question.objects is None or not len(question.objects):
        raise InvalidValue(f"A question of the kind '{question.kind}' shows at least one object, got none.")
    return question.objects


def _asked(question: Question) -> Sequence[str]:
    return question.choices or (() if question.objects is None else question.objects.classes)


def _no_crowd(truth: Detections) -> Detections:
    return truth[~np.asarray(truth.data.get("iscrowd", np.zeros(len(truth))), bool)]


def _alike(question: Question, known: Detections, like: npt.NDArray[np.float64]) -> Reply:
    """Yes for a thing of the class shown; else the class asked for of the thing most like it."""
    name = _shown(question).names[0]
    close = [
        (float(v), n) for v, n in zip(like, known.names, strict=True) if v >= _ALIKE and n in (name, *_asked(question))
    ]
    if any(n == name for _, n in close):
        return _YES
    return Reply("class", max(close)[1]) if close else _NO


def _as(kind: Any, truth: Label, file: str) -> Any:
    if not isinstance(truth, kind):
        raise InvalidValue(
            f"The question about {file} is answered from {kind.__name__}, but its label is {type(truth).__name__}. "
            "Take labels of the task that is asked about."
        )
    return truth


def _top(truth: Classification) -> str:
    return truth.top(1)[0][0]


def _yes(right: Any) -> Reply:
    return _YES if right else _NO


def _turned(reply: Reply, _choices: Sequence[str], which: float) -> Reply:
    """Yes for no and no for yes; a wrong class goes unnoticed or the thing is denied."""
    if reply.verdict == "class":
        return _YES if which < 0.5 else _NO
    return _YES if reply.verdict == "no" else _NO


def _other_class(reply: Reply, choices: Sequence[str], which: float) -> Reply:
    others = [c for c in choices if c != reply.class_name]
    if len(choices) < 2:  # yes or no
        return _turned(reply, choices, which)
    return Reply("class", others[int(which * len(others))])


def _miscounted(reply: Reply, choices: Sequence[str], which: float) -> Reply:
    """One too many or one too few of one class."""
    names = list(choices) or list(reply.missing)
    if not names:
        return reply
    place = which * len(names)
    name, up = names[int(place)], place % 1 < 0.5
    count = reply.missing.get(name, 0)
    counts = {**reply.missing, name: count + 1 if up or not count else count - 1}
    return Reply("missing", missing={name: n for name, n in counts.items() if n})


_YES, _NO, _SKIP = Reply("yes"), Reply("no"), Reply("skip")
_ERRORS: Mapping[QuestionKind, Callable[[Reply, Sequence[str], float], Reply]] = {
    "missing": _miscounted,
    "class": _other_class,
    "text": _other_class,
}
