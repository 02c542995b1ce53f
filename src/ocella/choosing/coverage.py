"""Which images to label first, when nothing that is there is good enough."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue

__all__ = ["CoverRule", "images_to_label"]

CoverRule = Literal["typical", "spread"]
"""The images that the others look most like (facility location); each the one least like those before (k-centre)."""
Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]
_MOST = 5000
"""Of more images a draw is looked at: every pair is compared."""


def images_to_label(
    vectors: npt.ArrayLike,
    count: int,
    *,
    rule: CoverRule = "typical",
    doubt: npt.ArrayLike | None = None,
    groups: Sequence[Hashable] | None = None,
    labelled: Sequence[int] = (),
    seed: int = 0,
) -> Indices:
    """Rows of `vectors` (n, d), unit length, to label next, the most useful first; fewer than `count` where there are no
    more. `doubt` (n,), at least 0, says how unsure the models are of each image; of a group (near-duplicates, a video) no
    image comes twice while another group has none; `labelled` rows are done. `seed` draws from more than 5000 images.
    """
    known = np.asarray(vectors, np.float32)
    if known.ndim != 2 or not np.isfinite(known).all():
        raise InvalidValue(f"vectors must have shape (images, numbers) without NaN, got shape {known.shape}.")
    if count < 1 or rule not in get_args(CoverRule):
        raise InvalidValue(f"count must be at least 1 and rule one of {', '.join(_GAINS)}, got {count} and {rule!r}.")
    group = _numbered(range(len(known)) if groups is None else groups, len(known))
    weight = _weights(doubt, group)
    done = np.asarray(labelled, np.int64)
    rows = _candidates(len(known), done, seed)
    near = np.full(len(rows), -1, np.float32)  # how like its nearest chosen image each one is
    if len(done) and len(rows):
        near = (known[rows] @ known[done].T).max(axis=1)
    used = np.bincount(group[done], minlength=len(group))
    return rows[_greedy(known[rows], weight[rows], group[rows], near, used, count, _GAINS[rule])]


def _greedy(
    vectors: Floats, weight: Floats, group: Indices, near: Floats, used: Indices, count: int, gain: "Gain"
) -> Indices:
    """Places in `vectors`, each the one that gains most; `used` says how many of each group are chosen."""
    alike = vectors @ vectors.T
    free = np.ones(len(vectors), bool)
    chosen: list[int] = []
    while len(chosen) < min(count, len(vectors)):
        fresh = free & (used[group] == used[group[free]].min())
        value = gain(alike, weight, near) if chosen or near.max() > -1 else _typical(alike, weight, near)
        best = int(np.argmax(np.where(fresh, value, -np.inf)))
        chosen.append(best)
        free[best] = False
        used[group[best]] += 1
        near = np.maximum(near, alike[best])
    return np.array(chosen, np.int64)


def _typical(alike: Floats, weight: Floats, near: Floats) -> Floats:
    """How much nearer all images would come to a chosen one."""
    gained: Floats = np.maximum(alike - near, 0) @ weight
    return gained


def _spread(_alike: Floats, weight: Floats, near: Floats) -> Floats:
    """How far an image is from all chosen ones."""
    return weight * (1 - near)


Gain = Callable[[Floats, Floats, Floats], Floats]
_GAINS: Mapping[CoverRule, Gain] = {"typical": _typical, "spread": _spread}


def _weights(doubt: npt.ArrayLike | None, group: Indices) -> Floats:
    """What an image counts: its share of its group, doubled where it is as doubtful as the mean."""
    share = 1 / np.bincount(group)[group]
    if doubt is None:
        return share.astype(np.float32)
    unsure = np.asarray(doubt, np.float64)
    if unsure.shape != group.shape or not np.isfinite(unsure).all() or (unsure < 0).any():
        raise InvalidValue(f"doubt must be {len(group)} numbers of at least 0, one an image, got shape {unsure.shape}.")
    weight: Floats = (share * (1 + unsure / max(float(unsure.mean()), 1e-12))).astype(np.float32)
    return weight


def _numbered(names: Sequence[Hashable], n: int) -> Indices:
    if len(names) != n:
        raise InvalidValue(f"groups must be {n}, one an image, got {len(names)}.")
    place: dict[Hashable, int] = {}
    return np.array([place.setdefault(name, len(place)) for name in names], np.int64)


def _candidates(n: int, done: Indices, seed: int) -> Indices:
    if len(done) and not (done.min() >= 0 and done.max() < n):
        raise InvalidValue(f"labelled must be rows within 0..{n - 1}.")
    rows = np.setdiff1d(np.arange(n), done)
    if len(rows) <= _MOST:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, _MOST, replace=False))
