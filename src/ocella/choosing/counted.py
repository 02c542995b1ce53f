"""Exact figures of the tasks in which every run names one class of several, and of neighbours."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ocella.choosing.ballots import said_of
from ocella.choosing.exact import Exact, percentiles
from ocella.choosing.pool import Pool
from ocella.choosing.run import Run
from ocella.choosing.spots import places_of
from ocella.choosing.totals import Cut
from ocella.errors import Mismatch
from ocella.metrics.intervals import Interval
from ocella.types import SegmentationMap

__all__ = ["Counted", "count_pixels", "count_units"]

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]


class Counted(Exact):
    """From `found` and `claimed` (runs, images, classes) and `there` (images, classes). No thresholds are chosen."""

    def __init__(self, pool: Pool, found: Floats, claimed: Floats, there: Floats, *, seed: int = 0) -> None:
        super().__init__(pool, seed)
        self._found, self._claimed, self._there = found, claimed, there

    def known(self, class_id: int) -> float:
        """How many true things of the class were looked at."""
        return float(self._there[:, class_id].sum())

    def ap(self, run: int, classes: Sequence[int] | None = None) -> Interval:  # noqa: ARG002  # without thresholds
        """Not a figure of these tasks."""
        return Interval(math.nan, 0.0, 1.0)

    def by_image(self, cut: Cut, classes: Sequence[int] | None = None) -> tuple[Floats, Floats, Floats]:
        """(images,) true things found, those there, and what is claimed."""
        mine = list(range(self._there.shape[1]) if classes is None else classes)
        parts = self._found[cut.run], self._there, self._claimed[cut.run]
        found, there, claimed = (p[:, mine].sum(axis=1) for p in parts)
        return found, there, claimed

    def mean_iou(self, cut: Cut, classes: Sequence[int] | None = None) -> Interval:
        """Mean over the classes that occur or are claimed of found / (claimed + there - found)."""
        mine = list(range(self._there.shape[1]) if classes is None else classes)
        weights = np.concatenate([np.ones((1, self.pool.n_images)), self.draws])
        parts = self._found[cut.run], self._there, self._claimed[cut.run]
        found, there, claimed = (weights @ p[:, mine] for p in parts)
        union = claimed + there - found
        each = np.divide(found, union, out=np.zeros_like(found), where=union > 0)
        count = (union > 0).sum(axis=1)
        mean = np.divide(each.sum(axis=1), count, out=np.full(len(count), np.nan), where=count > 0)
        return percentiles(float(mean[0]), mean[1:])


def count_units(pool: Pool, truth: Indices) -> Counted:
    """Of a pool's units, each of which is of the class `truth` (n,), -1 for none."""
    shape = pool.n_images, len(pool.classes)
    there, found = np.zeros(shape), np.zeros((len(pool.claims), *shape))
    true = truth >= 0
    np.add.at(there, (pool.image[true], truth[true]), 1)
    for of_run, class_id in zip(found, pool.class_id, strict=True):
        right = true & (class_id == truth)
        np.add.at(of_run, (pool.image[right], truth[right]), 1)
    claimed = np.zeros_like(found)
    for of_run, claims in zip(claimed, pool.claims, strict=True):
        np.add.at(of_run, (claims.image, claims.class_id), 1)
    if pool.there is not None:
        there = claimed[0]
    return Counted(pool, found, claimed, there)


def count_pixels(pool: Pool, runs: Sequence[Run], truths: Sequence[SegmentationMap]) -> Counted:
    """Of all pixels that the truths label; those of other classes than the pool's are none of these. Raises Mismatch."""
    k, names = len(pool.classes), pool.classes[:-1]
    there = np.zeros((len(truths), k))
    found, claimed = np.zeros((2, len(runs), len(truths), k))
    for i, truth in enumerate(truths):
        known = truth.class_id >= 0
        true = places_of(truth, names)[truth.class_id[known]]
        there[i] = np.bincount(true, minlength=k)
        for r, run in enumerate(runs):
            said = said_of(run, len(truths), SegmentationMap)[i]
            if said.class_id.shape != truth.class_id.shape:
                raise Mismatch(f"Maps must be of one size, got {said.class_id.shape} for {truth.class_id.shape}.")
            named = places_of(said, names)[said.class_id[known]]
            claimed[r, i] = np.bincount(named, minlength=k)
            found[r, i] = np.bincount(true[named == true], minlength=k)
    return Counted(pool, found, claimed, there)
