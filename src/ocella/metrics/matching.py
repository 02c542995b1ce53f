"""Predictions matched to truths once, image by image, by COCO's rules: any weighting of the images is then cheap."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue, Mismatch
from ocella.metrics.keypoint_similarity import keypoint_similarity
from ocella.metrics.names import compared
from ocella.metrics.overlap import box_overlap, mask_overlap
from ocella.types import Detections

__all__ = ["AREAS", "THRESHOLDS", "ClassMatches", "Matches", "On", "joined", "match"]

On = Literal["boxes", "masks", "keypoints"]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

THRESHOLDS: Floats = np.linspace(0.5, 0.95, 10)
AREAS = {"all": (0.0, 1e10), "small": (0.0, 32.0**2), "medium": (32.0**2, 96.0**2), "large": (96.0**2, 1e10)}
_RANGES = np.array(list(AREAS.values()))


@dataclass(frozen=True, eq=False)
class ClassMatches:
    """One class over all images. d predictions, most confident first: `image` (d,), `confidence` (d,), `hit` and
    `ignored` (areas, thresholds, d); `truths` (areas, images) counts the true objects.
    """

    image: npt.NDArray[np.int64]
    confidence: Floats
    hit: Bools
    ignored: Bools
    truths: npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Matches:
    """What each prediction hit, per class, over `n_images` images."""

    classes: tuple[str, ...]
    n_images: int
    per_class: tuple[ClassMatches, ...]


@dataclass(frozen=True, eq=False)
class _Found:
    """The predictions of one class in one image, and how many truths count in each area range."""

    image: int
    confidence: Floats
    hit: Bools
    ignored: Bools
    truths: npt.NDArray[np.int64]


def match(
    predictions: Sequence[Detections],
    truths: Sequence[Detections],
    classes: Sequence[str] | None = None,
    *,
    on: On = "boxes",
    max_detections: int | None = None,
) -> Matches:
    """Match by class name. Without `classes` both sides must have the same names; with it other classes are left out.
    Truths may carry the data columns `iscrowd` (bool) and `area`; a prediction counts among the `max_detections`
    (100; 20 keypoints) most confident of its class. Raises Mismatch, InvalidValue.
    """
    if len(predictions) != len(truths):
        raise InvalidValue(f"predictions must be {len(truths)}, one an image, got {len(predictions)}.")
    names = compared(predictions, truths, classes)
    limit = max_detections or (20 if on == "keypoints" else 100)
    found: list[list[_Found]] = [[] for _ in names]
    for image, (prediction, truth) in enumerate(zip(predictions, truths, strict=True)):
        for k, part in _match_image(image, prediction, truth, names, on, limit):
            found[k].append(part)
    return Matches(names, len(truths), tuple(_joined(f, len(truths)) for f in found))


def _renumbered(side: Detections, names: tuple[str, ...]) -> npt.NDArray[np.int64]:
    """The place of each row's class in `names`, or -1."""
    place = {name: i for i, name in enumerate(names)}
    return np.array([place.get(name, -1) for name in side.classes], np.int64)[side.class_id]


def _match_image(
    image: int, found: Detections, truth: Detections, names: tuple[str, ...], on: On, limit: int
) -> Iterator[tuple[int, _Found]]:
    """Each class that occurs, by its place in `names`."""
    # as COCO: of keypoints the true box, but the extent of the predicted points, gives the size
    own: On = "masks" if on == "masks" else "boxes"
    area = np.asarray(truth.data["area"], np.float64) if "area" in truth.data else _area(truth, own)
    crowd = np.asarray(truth.data.get("iscrowd", np.zeros(len(truth))), bool)
    without = ~truth.keypoints.visible.any(axis=1) if on == "keypoints" and truth.keypoints is not None else False
    ignored = crowd | without | _outside(area)
    overlap = _overlap(found, truth, on, area, crowd)
    outside = _outside(_area(found, on))[:, None]
    order = np.argsort(-found.confidence, kind="stable")
    ours, theirs = _renumbered(found, names)[order], _renumbered(truth, names)
    for k in sorted(({*ours.tolist()} | {*theirs.tolist()}) - {-1}):
        rows, columns = order[ours == k][:limit], np.flatnonzero(theirs == k)
        hit, skip = _assign(overlap[np.ix_(rows, columns)], crowd[columns], ignored[:, columns])
        skip |= ~hit & outside[..., rows]
        counted = (~ignored[:, columns]).sum(axis=1)
        yield k, _Found(image, found.confidence[rows].astype(np.float64), hit, skip, counted)


def _outside(area: Floats) -> Bools:
    return np.asarray((area[None] < _RANGES[:, :1]) | (area[None] > _RANGES[:, 1:]))


def _area(side: Detections, on: On) -> Floats:
    if on == "masks" and side.masks is not None:
        return side.masks.area.astype(np.float64)
    if on == "keypoints" and side.keypoints is not None and len(side):
        extent = np.ptp(side.keypoints.xy.astype(np.float64), axis=1)
        return np.asarray(extent[:, 0] * extent[:, 1])
    boxes = side.xyxy.astype(np.float64)
    return np.asarray((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]))


def _overlap(found: Detections, truth: Detections, on: On, area: Floats, crowd: Bools) -> Floats:
    if on == "boxes" or not len(found) or not len(truth):
        return box_overlap(found.xyxy, truth.xyxy, crowd)
    if on == "masks" and found.masks is not None and truth.masks is not None:
        return mask_overlap(found.masks, truth.masks, crowd)
    if on == "keypoints" and found.keypoints is not None and truth.keypoints is not None:
        return keypoint_similarity(found.keypoints, truth.keypoints, area, truth.xyxy)
    raise Mismatch(f"Both predictions and truths must have {on} to be compared on them.")


def _assign(overlap: Floats, crowd: Bools, ignored: Bools) -> tuple[Bools, Bools]:
    """Greedy, most confident first, for all area ranges and thresholds at once: each prediction takes the free truth
    that it overlaps most, one that counts before one that is ignored, of equals the last; crowds stay free.
    """
    n, m = overlap.shape
    shape = len(AREAS), len(THRESHOLDS)
    hit, skip, free = np.zeros((*shape, n), bool), np.zeros((*shape, n), bool), np.ones((*shape, m), bool)
    for d in np.flatnonzero(overlap.max(axis=1, initial=0) >= THRESHOLDS[0]):
        can = (overlap[d] >= THRESHOLDS[:, None])[None] & (free | crowd)
        counted = can & ~ignored[:, None]
        use = np.where(counted.any(axis=-1, keepdims=True), counted, can)
        best = m - 1 - np.argmax(np.where(use, overlap[d], -1)[..., ::-1], axis=-1)
        a, t = np.nonzero(use.any(axis=-1))
        hit[a, t, d] = True
        skip[a, t, d] = ignored[a, best[a, t]]
        free[a, t, best[a, t]] = False
    return hit, skip


def _joined(found: Sequence[_Found], n_images: int) -> ClassMatches:
    shape = (len(AREAS), len(THRESHOLDS), 0)
    confidence = np.concatenate([np.zeros(0), *(f.confidence for f in found)])
    order = np.argsort(-confidence, kind="stable")
    truths = np.zeros((len(AREAS), n_images), np.int64)
    for f in found:
        truths[:, f.image] = f.truths
    return ClassMatches(
        np.repeat([f.image for f in found], [len(f.confidence) for f in found]).astype(np.int64)[order],
        confidence[order],
        np.concatenate([np.zeros(shape, bool), *(f.hit for f in found)], axis=2)[..., order],
        np.concatenate([np.zeros(shape, bool), *(f.ignored for f in found)], axis=2)[..., order],
        truths,
    )


def joined(parts: Sequence[Matches]) -> Matches:
    """Matches of several sets of images as those of all of them, in order. Raises Mismatch where classes differ."""
    if len({p.classes for p in parts}) != 1:
        raise Mismatch(f"Matches must be over the same classes to be joined, got {sorted({p.classes for p in parts})}.")
    starts = np.cumsum([0, *(p.n_images for p in parts)])
    per_class = []
    for k in range(len(parts[0].classes)):
        found = [p.per_class[k] for p in parts]
        confidence = np.concatenate([f.confidence for f in found])
        order = np.argsort(-confidence, kind="stable")
        image = np.concatenate([f.image + start for f, start in zip(found, starts, strict=False)])
        per_class.append(
            ClassMatches(
                image[order],
                confidence[order],
                np.concatenate([f.hit for f in found], axis=2)[..., order],
                np.concatenate([f.ignored for f in found], axis=2)[..., order],
                np.concatenate([f.truths for f in found], axis=1),
            )
        )
    return Matches(parts[0].classes, int(starts[-1]), tuple(per_class))
