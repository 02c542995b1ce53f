"""How likely each unit is a true thing of each class, from how likely it is one of its lead class."""

import numpy as np
import numpy.typing as npt

from ocella.choosing.pool import Pool

__all__ = ["answered_shares", "shares"]

Floats = npt.NDArray[np.float64]

_UNSAID = 0.5
"""Votes for the classes that no run names, all together."""


def shares(pool: Pool, probability: Floats) -> Floats:
    """(n, k) chances from `probability` (n,), that of the lead class. Where a unit is surely of one of the classes, the
    others share the rest by how many runs name them.
    """
    units, lead = np.arange(len(pool)), pool.lead
    share = np.zeros((len(pool), len(pool.classes)))
    if pool.exclusive:
        share += pool.votes + _UNSAID / len(pool.classes)
        share[units, lead] = 0
        rest = share.sum(axis=1, keepdims=True)
        share *= np.divide(1 - probability[:, None], rest, out=np.zeros_like(rest), where=rest > 0)
    has = lead >= 0
    share[units[has], lead[has]] = probability[has]
    return share


def answered_shares(share: Floats, unit: npt.NDArray[np.int64], class_id: npt.NDArray[np.int64], slip: float) -> Floats:
    """The chances of units that are surely of one of the classes, with answers (a,) taken in that are wrong `slip` of the
    times.
    """
    known = share.copy()
    k = share.shape[1]
    likely = np.full((len(unit), k), slip / max(k - 1, 1))
    likely[np.arange(len(unit)), class_id] = 1 - slip
    known[unit] *= likely
    known[unit] /= known[unit].sum(axis=1, keepdims=True)
    return known
