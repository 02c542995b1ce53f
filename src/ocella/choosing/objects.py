"""The boxes of all runs, made into objects: one answer about an object settles what every run says of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ocella.choosing.pool import Claims, Pool, Settled
from ocella.choosing.question import Question, Reply
from ocella.choosing.run import Run
from ocella.errors import InvalidValue
from ocella.metrics.keypoint_similarity import keypoint_similarity, sigmas_for
from ocella.metrics.matching import On
from ocella.metrics.overlap import box_overlap, mask_overlap
from ocella.ops.boxes import area
from ocella.ops.nms import nms
from ocella.types import Detections

__all__ = ["Objects"]

Floats = npt.NDArray[np.float64]
Overlap = Callable[[Detections, Detections], Floats]

JOIN = 0.6
"""Boxes that overlap by more are one object."""
HIT = 0.5
"""Boxes that overlap a true one by as much are right, as the metrics have it."""
_NEAR = 0.8
"""Of the units on a true thing those that overlap it by this share of the best one's overlap may stand for it."""
_LOWEST = 0.5
"""Claims below this share of a model's usual threshold are left out."""
_ALTERNATIVES = 4
_SAME_LOOK = 0.85
"""Of boxes that overlap by as much, nobody could tell which is better."""


def _boxes(a: Detections, b: Detections) -> Floats:
    return box_overlap(a.xyxy, b.xyxy)


def _masks(a: Detections, b: Detections) -> Floats:
    if a.masks is None or b.masks is None:
        return _boxes(a, b)
    return mask_overlap(a.masks, b.masks)


def _points(a: Detections, b: Detections) -> Floats:
    if a.keypoints is None or b.keypoints is None:
        return _boxes(a, b)
    sigmas = sigmas_for(len(b.keypoints.skeleton.names))
    return keypoint_similarity(a.keypoints, b.keypoints, area(b.xyxy).astype(np.float64), b.xyxy, sigmas)


_FITTING: dict[On, str] = {"boxes": "a box", "masks": "an outline that fits", "keypoints": "points that fit"}
_OVERLAPS: dict[On, Overlap] = {"boxes": _boxes, "masks": _masks, "keypoints": _points}


@dataclass(frozen=True, eq=False)
class _Scene:
    """What all runs say of one image: `rows`, surest first by `margin` over the model's usual threshold, with the `run` of
    each; `leads` are the rows that stand for a unit each, the first of which is unit `start`.
    """

    rows: Detections
    run: npt.NDArray[np.int64]
    leads: npt.NDArray[np.int64]
    start: int


class Objects:
    """The pool of runs of a detector's kind over one list of images, with its questions and what answers to them mean.
    `on` is what must overlap: boxes, masks or keypoints. Raises InvalidValue where runs differ in images or classes.
    """

    def __init__(self, runs: Sequence[Run], files: Sequence[tuple[str, Path]], *, on: On = "boxes") -> None:
        self._files, self._overlap, self._on = tuple(files), _OVERLAPS[on], on
        self.kind = {"boxes": "object", "masks": "outline", "keypoints": "points"}[on]
        said = [_checked(run, len(files)) for run in runs]
        self.classes = _same_classes(said)
        usual = np.array([r.card.threshold for r in runs])
        self._scenes = _scenes(said, usual, self._overlap)
        self.pool = self._pool(runs, said, usual)

    def __len__(self) -> int:
        return len(self.pool)

    def name(self, unit: int) -> str:
        """A name for a unit that stays the same while the runs are the same: its file and box."""
        file = self._files[self.pool.image[unit]][0]
        if self.pool.gap[unit]:
            return f"{file} missing"
        box = " ".join(f"{v:.1f}" for v in self._lead(unit).xyxy[0])
        return f"{file} {box} {self.classes[self.pool.lead[unit]]}"

    def question(self, unit: int) -> Question:
        """What to ask about a unit."""
        file, path = self._files[self.pool.image[unit]]
        if self.pool.gap[unit]:
            shown = self._core_leads(unit)
            text = f"How many are missing here: {', '.join(self.classes)} without {_FITTING[self._on]}?"
            return Question(unit, "missing", file, path, text, shown, self.classes)
        text = f"Is this {_with_article(self.classes[self.pool.lead[unit]])}?"
        return Question(unit, self.kind, file, path, text, self._with_alternatives(unit), self.classes)  # type: ignore[arg-type]  # one of three kinds

    def settle(self, unit: int, reply: Reply) -> Settled | None:
        """What an answer means; None where nobody could tell."""
        runs = len(self.pool.claims)
        if reply.verdict == "skip":
            return None
        if self.pool.gap[unit]:
            return Settled.gap([reply.missing.get(name, 0) for name in self.classes], runs)
        name = reply.class_name if reply.verdict == "class" else self.classes[self.pool.lead[unit]]
        if reply.verdict == "no" or name not in self.classes:
            return Settled.nothing(runs, len(self.classes))
        return self._settle_true(unit, self.classes.index(name), self._truth(unit, reply))

    def _truth(self, unit: int, reply: Reply) -> Detections:
        """The true thing, as one row: the one shown, the alternative that has the box of the reply, or just that box."""
        shown = self._with_alternatives(unit)
        if reply.xyxy is None:
            return shown[:1]
        same = np.flatnonzero(np.abs(shown.xyxy - np.array(reply.xyxy)).max(axis=1) < 0.5)  # half a pixel
        if len(same):
            return shown[same[:1]]
        return shown[:1].replace(xyxy=np.array([reply.xyxy], np.float32), masks=None, keypoints=None)

    def _settle_true(self, unit: int, class_id: int, truth: Detections) -> Settled:
        scene = self._scene(unit)
        on = self._overlap(scene.rows, truth)[:, 0]
        leads = on[scene.leads]
        standing = np.flatnonzero(leads >= max(HIT, _NEAR * leads.max(initial=0)))
        runs = len(self.pool.claims)
        if not len(standing) or scene.start + standing[0] != unit:
            return Settled.nothing(runs, len(self.classes))
        right = (on >= HIT) & (scene.rows.class_id == class_id)
        confidence = np.zeros(runs)
        np.maximum.at(confidence, scene.run[right], scene.rows.confidence[right])
        return Settled(class_id, confidence, np.zeros(len(self.classes)))

    def _scene(self, unit: int) -> _Scene:
        return self._scenes[int(self.pool.image[unit])]

    def _lead(self, unit: int) -> Detections:
        scene = self._scene(unit)
        return scene.rows[scene.leads[unit - scene.start : unit - scene.start + 1]]

    def _with_alternatives(self, unit: int) -> Detections:
        """The lead, then other boxes for it that differ enough to be worth a choice."""
        scene = self._scene(unit)
        lead = scene.leads[unit - scene.start]
        near = np.flatnonzero(self._overlap(scene.rows, scene.rows[lead : lead + 1])[:, 0] >= HIT)
        alike = box_overlap(scene.rows.xyxy[near], scene.rows.xyxy[near]) >= _SAME_LOOK
        chosen = [int(np.flatnonzero(near == lead)[0])]
        for place in range(len(near)):
            if len(chosen) <= _ALTERNATIVES and not alike[place, chosen].any():
                chosen.append(place)
        return scene.rows[near[np.array(chosen)]]

    def _core_leads(self, unit: int) -> Detections:
        """What is known of an image, with the part alone that must overlap."""
        scene = self._scene(unit)
        core = self.pool.core[scene.start : scene.start + len(scene.leads)]
        shown = scene.rows[scene.leads[core]]
        masks, points = (
            part if self._on == on else None for part, on in ((shown.masks, "masks"), (shown.keypoints, "keypoints"))
        )
        return shown.replace(masks=masks, keypoints=points)

    def _pool(self, runs: Sequence[Run], said: Sequence[Sequence[Detections]], usual: Floats) -> Pool:
        parts = [_columns(scene, len(runs), self._overlap) for scene in self._scenes]
        n_images = len(self._files)
        units = np.repeat(np.arange(n_images), [len(s.leads) for s in self._scenes])
        gaps = np.zeros((len(runs), n_images))
        class_id = np.concatenate([*(p[0] for p in parts), np.full_like(gaps, -1)], axis=1).astype(np.int64)
        confidence = np.concatenate([*(p[1] for p in parts), gaps], axis=1)
        twin = np.concatenate([*(p[2] for p in parts), np.zeros(n_images)])
        gap = np.arange(len(units) + n_images) >= len(units)
        core = np.asarray((confidence >= np.maximum(usual, 1e-9)[:, None]).any(axis=0))
        image = np.concatenate([units, np.arange(n_images)])
        return Pool(self.classes, n_images, _claims(runs, said), image, class_id, confidence, gap, core, twin)


def _checked(run: Run, images: int) -> list[Detections]:
    said = [s for s in run.said if isinstance(s, Detections)]
    if len(said) != images:
        raise InvalidValue(f"'{run.setting.name}' must have said detections of {images} images, got {len(said)}.")
    return [s[s.confidence >= _LOWEST * run.card.threshold] for s in said]


def _same_classes(said: Sequence[Sequence[Detections]]) -> tuple[str, ...]:
    found = {s.classes for run in said for s in run}
    if len(found) != 1:
        raise InvalidValue(f"All runs must be over the same classes in the same order, got {sorted(found)[:3]}.")
    return found.pop()


def _scenes(said: Sequence[Sequence[Detections]], usual: Floats, overlap: Overlap) -> list[_Scene]:
    scenes: list[_Scene] = []
    start = 0
    for of_image in zip(*said, strict=True):
        rows = Detections.concatenate(of_image)
        run = np.repeat(np.arange(len(of_image)), [len(s) for s in of_image])
        margin = rows.confidence - usual[run]
        order = np.argsort(-margin, kind="stable")
        rows, run = rows[order], run[order]
        leads = _leads(rows, margin[order], overlap)
        scenes.append(_Scene(rows, run.astype(np.int64), leads, start))
        start += len(leads)
    return scenes


def _leads(rows: Detections, margin: npt.NDArray[np.floating], overlap: Overlap) -> npt.NDArray[np.int64]:
    """Rows that no surer row overlaps by more than JOIN."""
    if overlap is _boxes:
        return nms(rows.xyxy, margin, iou=JOIN)
    shared = overlap(rows, rows) > JOIN
    alive = np.ones(len(rows), bool)
    for i in range(len(rows)):
        if alive[i]:
            alive[i + 1 :] &= ~shared[i, i + 1 :]
    return np.flatnonzero(alive)


def _columns(scene: _Scene, runs: int, overlap: Overlap) -> tuple[npt.NDArray[np.int64], Floats, Floats]:
    """(r, n) class and confidence of each run's surest claim on each lead, and (n,) how much a surer lead covers it."""
    n = len(scene.leads)
    class_id, confidence = np.full((runs, n), -1, np.int64), np.zeros((runs, n))
    leads = scene.rows[scene.leads]
    on = overlap(leads, scene.rows) >= HIT
    for r in range(runs):
        mine = np.flatnonzero(scene.run == r)
        if not len(mine) or not n:
            continue
        sure = np.where(on[:, mine], scene.rows.confidence[mine], -1.0)
        best = sure.argmax(axis=1)
        has = sure.max(axis=1) >= 0
        class_id[r, has] = scene.rows.class_id[mine[best[has]]]
        confidence[r, has] = sure.max(axis=1)[has]
    twins = np.tril(overlap(leads, leads), -1)
    return class_id, confidence, twins.max(axis=1, initial=0)


def _claims(runs: Sequence[Run], said: Sequence[Sequence[Detections]]) -> tuple[Claims, ...]:
    wordings: dict[object, int] = {}
    models: dict[str, int] = {}
    made = []
    for run, of_run in zip(runs, said, strict=True):
        image = np.repeat(np.arange(len(of_run)), [len(s) for s in of_run]).astype(np.int64)
        class_id = np.concatenate([s.class_id for s in of_run]).astype(np.int64)
        confidence = np.concatenate([s.confidence for s in of_run]).astype(np.float64)
        prompts = wordings.setdefault(run.setting.ontology, len(wordings))
        model = models.setdefault(run.setting.model, len(models))
        made.append(Claims(image, class_id, confidence, run.card.threshold, prompts, model))
    return tuple(made)


def _with_article(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"
