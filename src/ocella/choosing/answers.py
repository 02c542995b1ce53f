"""The answers so far, with the chance that each was asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ocella.choosing.belief import SLIP, Belief
from ocella.choosing.order import expected_missing
from ocella.choosing.pool import Pool, Settled
from ocella.choosing.shares import answered_shares, shares

__all__ = ["Answers", "Standing"]

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Answers:
    """`unit` (a,) which units are settled (no gaps), `class_id` (a,) of what they are, -1 for nothing, `confidence` (r, a)
    of each run's right claim there; `image` (g,) of the gaps that are settled and `missing` (g, k) their counts.
    """

    unit: Indices
    class_id: Indices
    confidence: Floats
    image: Indices
    missing: Floats

    @classmethod
    def of(cls, pool: Pool, settled: Mapping[int, Settled]) -> "Answers":
        """From what each unit's answer said."""
        units = np.array([u for u in settled if not pool.gap[u]], np.int64)
        gaps = np.array([u for u in settled if pool.gap[u]], np.int64)
        runs, k = len(pool.claims), len(pool.classes)
        return cls(
            units,
            np.array([settled[u].class_id for u in units], np.int64),
            np.array([settled[u].confidence for u in units], np.float64).reshape(-1, runs).T,
            pool.image[gaps],
            np.array([settled[g].missing for g in gaps], np.float64).reshape(-1, k),
        )

    def right(self, pool: Pool) -> npt.NDArray[np.bool_]:
        """(a,) whether the unit is a true thing of its lead class."""
        return np.asarray(self.class_id == pool.lead[self.unit])


@dataclass(frozen=True, eq=False)
class Standing:
    """What is known after some answers: `probability` (n,) of each unit to be a true thing of its lead class, before its own
    answer is looked at; `missing` (images, k) things that no core unit stands for, as expected; `chance` (n,) of each unit to
    have been asked by now.
    """

    pool: Pool
    answers: Answers
    probability: Floats
    missing: Floats
    chance: Floats

    @classmethod
    def of(cls, pool: Pool, prior: Belief, settled: Mapping[int, Settled], chance: Floats) -> "Standing":
        """The belief brought up to the answers."""
        answers = Answers.of(pool, settled)
        belief = prior.after(answers.unit, answers.right(pool)) if len(answers.unit) else prior
        probability = np.where(pool.gap, 0.0, belief.probability)
        missing = expected_missing(pool, probability, answers.image, answers.missing)
        return cls(pool, answers, probability, missing, chance)

    @cached_property
    def share(self) -> Floats:
        """(n, k) of each unit to be a true thing of each class, before its own answer is looked at."""
        return shares(self.pool, self.probability)

    @cached_property
    def believed_share(self) -> Floats:
        """(n, k) the same with its own answer taken in, which may be a slip."""
        if self.pool.exclusive:
            return answered_shares(self.share, self.answers.unit, self.answers.class_id, SLIP)
        return shares(self.pool, self.believed)

    @property
    def believed(self) -> Floats:
        """(n,) the probability of each unit with its own answer taken in, which may be a slip."""
        p = self.probability.copy()
        own = p[self.answers.unit]
        right = self.answers.right(self.pool)
        yes, no = np.where(right, 1 - SLIP, SLIP), np.where(right, SLIP, 1 - SLIP)
        p[self.answers.unit] = own * yes / (own * yes + (1 - own) * no)
        return p

    @property
    def believed_missing(self) -> Floats:
        """(images, k) missing things, those that were counted as counted."""
        counts = self.missing.copy()
        counts[self.answers.image] = self.answers.missing
        return counts
