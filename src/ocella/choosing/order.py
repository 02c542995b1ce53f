"""Which units to ask about next, each with a known chance of being asked.

A unit is asked with a chance in proportion to how much its answer would move the figures of the settings that may still be
the best: its doubt, sqrt(p (1 - p)), times its weight in them (Neyman's allocation; Zrnic and Candès 2024, arXiv:2403.03208,
have the idea for machine-learned predictions). Units are drawn in rounds, by order sampling (Rosén 1997), so that a round may
end at any answer; the chances of all rounds together give each unit's chance of having been asked.
"""

import numpy as np
import numpy.typing as npt

from ocella.choosing.cuts import Cuts
from ocella.choosing.pool import Pool
from ocella.choosing.shares import shares

__all__ = ["allocate", "draw", "even_sizes", "expected_missing", "missing_variance", "sizes"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.int64]

_LEAST_DOUBT = 0.002
"""Variance that even a plain unit keeps, so that none is never asked."""
_CLOSE = 0.06
"""A setting this far behind the best one counts exp(-1) of it."""
_GAP_WEIGHT = 1.5
"""Images asked for missing things are asked so much more than their doubt alone would say: their counts are skewed."""
_UNSEEN = 0.12
"""Missing things in an image of which no run suspects any, all classes together, as expected before any answer."""
_RATE_SHAPE = 2.0
_MOST_SETTINGS = 256


def expected_missing(pool: Pool, probability: Floats, seen: Indices, counts: Floats) -> Floats:
    """(images, k) missing things beside the core units, as expected: units outside the core and a little more, times a rate
    that the `counts` (a, k) of the images `seen` (a,) correct (a gamma prior of mean 1). None in images that have no gap.
    """
    lead, k = pool.lead, len(pool.classes)
    outside = ~pool.core & ~pool.gap & (lead >= 0)
    base = np.full((pool.n_images, k), _UNSEEN / k)
    np.add.at(base, (pool.image[outside], lead[outside]), probability[outside])
    base[np.setdiff1d(np.arange(pool.n_images), pool.image[pool.gap])] = 0
    rate = (_RATE_SHAPE + counts.sum()) / (_RATE_SHAPE + base[seen].sum())
    return np.asarray(base * rate)


def missing_variance(expected: Floats) -> Floats:
    """Of a count of missing things around the expected one. Crowds make it grow with the square: fitted to four groups of
    classes in coco128.
    """
    return 0.3 * expected + 1.5 * expected**2


def sizes(pool: Pool, cuts: Cuts, probability: Floats, missing: Floats, beta: float) -> Floats:
    """(n,) how much each unit is worth asking. `missing` (images, k) as expected, `beta` weighs recall."""
    if not pool.has_thresholds:
        return _claim_sizes(pool, cuts, shares(pool, probability))
    weight, share = _weights(pool, cuts, probability, missing, beta)
    doubt = np.sqrt(probability * (1 - probability) + _LEAST_DOUBT)
    counts = missing.sum(axis=1)
    gaps = np.sqrt(missing_variance(counts) + _LEAST_DOUBT) * share * _GAP_WEIGHT
    return np.where(pool.gap, gaps[pool.image], doubt * weight)


def even_sizes(pool: Pool, like: Floats) -> Floats:
    """Sizes that treat all units alike, with as much for the gaps together as `like` gives them: a uniform sample."""
    size = np.zeros(len(pool))
    for alike in (pool.gap, ~pool.gap):
        size[alike] = like[alike].sum() / max(int(alike.sum()), 1)
    return size


def _claim_sizes(pool: Pool, cuts: Cuts, share: Floats) -> Floats:
    """(n,) root mean square doubt whether the settings are right about a unit: half for those that may be best, half for all,
    as of a unit that only one of them names no other one's answers tell.
    """
    units = np.arange(len(pool))
    said = pool.class_id[cuts.run]
    right = np.where(said >= 0, share[units, said], 0.0)
    best = _chances(right.sum(axis=1) / np.maximum(cuts.claimed.sum(axis=1), 1))
    chance = (best + 1 / max(len(best), 1)) / 2
    return np.asarray(np.sqrt(chance @ (right * (1 - right)) + _LEAST_DOUBT))


def _chances(score: Floats) -> Floats:
    """How likely settings are the best, by how far their scores are behind."""
    chance = np.exp(-(((score.max(initial=-np.inf) - score) / _CLOSE) ** 2))
    return np.asarray(chance / max(float(chance.sum()), 1e-12))


def _weights(pool: Pool, cuts: Cuts, probability: Floats, missing: Floats, beta: float) -> tuple[Floats, float]:
    """(n,) root mean square weight of a unit in F of the settings that may be best, and that of a missing thing."""
    square = beta * beta
    there = (probability * pool.core).sum() + missing.sum()
    claimed = cuts.claimed.sum(axis=1)
    score = (1 + square) * (cuts.says @ probability) / np.maximum(claimed + square * there, 1e-9)
    best = np.argsort(-score, kind="stable")[:_MOST_SETTINGS]
    chance = _chances(score[best])
    score = square * score[best]
    # the mean over settings of ((1 + b2) says - b2 F core)^2, without a matrix of them
    says = cuts.says[best].astype(np.float64)
    both, alone = chance @ says, (chance * score) @ says
    core = pool.core.astype(np.float64)
    mean_square = (1 + square) ** 2 * both - 2 * (1 + square) * alone * core + float(chance @ score**2) * core
    return np.sqrt(np.maximum(mean_square, 1e-6)), float(np.sqrt(chance @ score**2))


def allocate(size: Floats, free: Bools, count: int) -> Floats:
    """(n,) the chance of each unit to be among `count` of the free ones, in proportion to its size, at most 1. Units that are
    not free have the chance that they would have.
    """
    chance = np.zeros_like(size)
    sure = np.zeros(len(size), bool)
    for _ in range(64):
        rest = size[free & ~sure].sum()
        left = count - sure.sum()
        chance = np.where(sure, 1.0, np.minimum(1.0, left * size / rest if rest > 0 else 1.0))
        new = free & ~sure & (chance >= 1)
        if not new.any():
            break
        sure |= new
    return chance


def draw(chance: Floats, free: Bools, random: np.random.Generator) -> Indices:
    """The free units in the order in which they are asked (Rosén's Pareto sampling): the first so many are the sample."""
    units = np.flatnonzero(free)
    at = random.random(len(units))
    own = np.minimum(chance[units], 1 - 1e-12)
    rank = np.where(chance[units] >= 1, -1.0, at * (1 - own) / ((1 - at) * np.maximum(own, 1e-300)))
    return np.asarray(units[np.argsort(rank, kind="stable")])
