"""Pools in which every run names one class of several for each unit: images with a class, texts, points of images.

The unit is what is asked about (an image, a point), not a pair of it and a class that somebody claims: one answer then settles
one unit, so that the chance of having been asked is that of the unit, and nothing in the estimates must know that claims
hang together. What is believed is a chance for each class, which adds up to one; `none of these` is a class like the others.
Claimed and there are then both the number of units, known beforehand, and precision = recall = F = accuracy.
"""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ocella.choosing.pool import Claims, Pool, Settled
from ocella.choosing.question import Reply
from ocella.choosing.run import Run
from ocella.errors import InvalidValue

__all__ = ["NONE", "class_of", "exclusive_pool", "likeliest", "said_of", "settled"]

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
OfKind = TypeVar("OfKind")

NONE = "none of these"
"""The last class of such a pool."""
_LEAST = 1e-6
"""A confidence of 0 would be no claim."""


def exclusive_pool(
    runs: Sequence[Run], names: Sequence[str], n_images: int, image: Indices, class_id: Indices, confidence: Floats
) -> Pool:
    """Of `class_id` and `confidence` (r, n) over `names` and then NONE. No thresholds are chosen: all claims are kept."""
    n = len(image)
    numbers = _numbers([run.setting.model for run in runs]), _numbers([_wording(run) for run in runs])
    claims = tuple(
        Claims(image, said, np.zeros(n), 0.0, prompts, model)
        for said, model, prompts in zip(class_id, *numbers, strict=True)
    )
    sure = np.clip(confidence, _LEAST, 1)
    none, all_of = np.zeros(n, bool), np.ones(n, bool)
    return Pool((*names, NONE), n_images, claims, image, class_id, sure, none, all_of, np.zeros(n), exclusive=True)


def said_of(run: Run, images: int, kind: type[OfKind]) -> list[OfKind]:
    """A run's labels, checked to be of that kind, one an image."""
    said: list[OfKind] = [s for s in run.said if isinstance(s, kind)]
    if len(said) != images:
        raise InvalidValue(f"'{run.setting.name}' must have a {kind.__name__} of {images} images, got {len(said)}.")
    return said


def likeliest(pool: Pool, unit: int) -> list[int]:
    """Classes but NONE, those that most runs name first."""
    return [int(k) for k in np.argsort(-pool.votes[unit, :-1], kind="stable")]


def class_of(reply: Reply, names: Sequence[str], first: str) -> int | None:
    """The class (a place in `names`, after them NONE) that a reply gives; "yes" is to the `first` choice; None for skip."""
    if reply.verdict == "skip":
        return None
    name = {"yes": first, "class": reply.class_name}.get(reply.verdict)
    return names.index(name) if name in names else len(names)


def settled(pool: Pool, unit: int, class_id: int) -> Settled:
    """The unit is of that class, and so right is who named it."""
    right = pool.class_id[:, unit] == class_id
    return Settled(class_id, np.where(right, pool.confidence[:, unit], 0.0), np.zeros(len(pool.classes)))


def _wording(run: Run) -> object:
    return run.setting.ontology, run.setting.prompt


def _numbers(values: Sequence[object]) -> list[int]:
    place: dict[object, int] = {}
    return [place.setdefault(v, len(place)) for v in values]
