"""Nearest neighbours: an embedder is as good as what it puts beside an image is of the same kind."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ocella.choosing.ballots import said_of
from ocella.choosing.pool import Claims, Pool, Settled
from ocella.choosing.question import Question, Reply
from ocella.choosing.run import Run
from ocella.errors import InvalidValue
from ocella.types import Embedding

__all__ = ["SAME_KIND", "Neighbours", "nearest"]

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

SAME_KIND = "same kind"
_FARTHEST, _NEAREST = 0.25, 0.75
"""Confidences of a run's farthest and nearest pair, by rank: cosines of two models do not compare."""


class Neighbours:
    """Units are (image, neighbour); a run claims that the `count` images nearest to each are of its kind. What is claimed is
    the same number for all, and as many are taken to be there: precision at `count` = recall = F. Two units of the same
    images have one question, so that an asker who remembers is not asked twice. Raises InvalidValue.
    """

    classes = (SAME_KIND,)

    def __init__(self, runs: Sequence[Run], files: Sequence[tuple[str, Path]], *, count: int = 1) -> None:
        n = len(files)
        if not 1 <= count < n:
            raise InvalidValue(f"count must be within 1..{n - 1} for {n} images, got {count}.")
        self._files = tuple(files)
        found = [nearest(said_of(run, n, Embedding), count) for run in runs]
        first = np.repeat(np.arange(n), count)
        pairs = np.array([first * n + near for near, _ in found], np.int64).reshape(len(runs), n * count)
        both, place = np.unique(pairs, return_inverse=True)
        image, self._other = both // n, both % n
        class_id = np.full((len(runs), len(both)), -1, np.int64)
        confidence = np.zeros((len(runs), len(both)))
        for r, (at, (_, like)) in enumerate(zip(place.reshape(pairs.shape), found, strict=True)):
            class_id[r, at], confidence[r, at] = 0, _by_rank(like)
        claims = tuple(
            Claims(first, np.zeros(n * count, np.int64), np.zeros(n * count), _FARTHEST, 0, r) for r in range(len(runs))
        )
        none = np.zeros(len(both), bool)
        self.pool = Pool(
            self.classes, n, claims, image, class_id, confidence, none, none, none * 0.0, there=float(n * count)
        )

    def __len__(self) -> int:
        return len(self.pool)

    @property
    def pairs(self) -> tuple[Indices, Indices]:
        """(n,) the image of each unit, and its neighbour."""
        return self.pool.image, self._other

    def name(self, unit: int) -> str:
        """Both images'."""
        return " ".join(self._files[i][0] for i in self._pair(unit))

    def question(self, unit: int) -> Question:
        """Whether both show the same kind."""
        one, other = self._pair(unit)
        return Question(
            unit, "pair", *self._files[one], "Do these two show the same kind of thing?", other=self._files[other][1]
        )

    def settle(self, unit: int, reply: Reply) -> Settled | None:
        """What an answer means; None where nobody could tell."""
        if reply.verdict == "skip":
            return None
        if reply.verdict != "yes":
            return Settled.nothing(len(self.pool.claims), 1)
        return Settled(0, self.pool.confidence[:, unit], np.zeros(1))

    def _pair(self, unit: int) -> tuple[int, int]:
        one, other = int(self.pool.image[unit]), int(self._other[unit])
        return min(one, other), max(one, other)


def nearest(said: Sequence[Embedding], count: int) -> tuple[Indices, Floats]:
    """(n * count,) the nearest other images of each image, nearest first, and how like they are (cosine)."""
    if len({(e.model, len(e.vector)) for e in said}) > 1:
        raise InvalidValue("The vectors of a run must be of one model.")
    vectors = np.stack([e.vector for e in said]).astype(np.float64)
    alike = vectors @ vectors.T
    np.fill_diagonal(alike, -np.inf)
    order = np.argsort(-alike, axis=1, kind="stable")[:, :count]
    return order.reshape(-1).astype(np.int64), np.take_along_axis(alike, order, axis=1).reshape(-1)


def _by_rank(like: Floats) -> Floats:
    rank = np.empty(len(like))
    rank[np.argsort(like, kind="stable")] = np.linspace(_FARTHEST, _NEAREST, len(like))
    return rank
