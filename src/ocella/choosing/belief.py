"""How likely each unit is a true thing, before and after answers: a logistic regression with a prior.

Its features are what the runs say: how sure the surest is against its model's usual threshold, how many of the runs with
one wording agree, whether a surer unit lies on it, and which wordings find it. The prior is what these were worth for
the starter detector on 13 kinds of objects in coco128 (median and spread of separate fits), wide for wordings, of which
nothing is known. Where every run must name a class for each unit, or a neighbour, the features are how many say the same, how
sure they are, and which of them do; the prior there is a guess, and wide. Answers are taken to be wrong now and then, so that one slip about a plain case moves little.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ocella.choosing.pool import Pool

__all__ = ["SLIP", "Belief", "features"]

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

SLIP = 0.02
"""How often an answer is wrong, as assumed."""
_PRIOR = np.array([-1.9, 2.1, 1.4, -3.0])
_SPREAD = np.array([0.7, 0.4, 1.2, 0.8])
_COMMON, _COMMON_SPREAD = 2.0, 1.0
"""What it is worth that many wordings find a unit, not just the widest."""
_WORDING, _WORDING_SLOPE, _MODEL = 1.5, 0.7, 1.0
_MOST_WORDINGS = 12
_VOTE_PRIOR = np.array([1.6, 4.0, 0.3])
_VOTE_SPREAD = np.array([1.0, 1.5, 0.3])
"""All alike and neither sure nor unsure: right in 5 of 6 cases; half of them: in 2 of 5."""
_PAIR_PRIOR = np.array([1.2, 1.5, 1.0])
_PAIR_SPREAD = np.array([1.2, 1.5, 0.7])
"""A neighbour that all name: of the same kind in 3 of 4 cases; one that one of five names: in half."""
_VOTER = 0.8


@dataclass(frozen=True, eq=False)
class Belief:
    """A linear model of n units: `x` (n, f), and the mean `at` (f,) and `precision` (f, f) of its coefficients."""

    x: Floats
    at: Floats
    precision: Floats

    @classmethod
    def prior(cls, pool: Pool) -> "Belief":
        """What is thought of the units of a pool before any answer."""
        x, mean, spread = features(pool)
        return cls(x, mean, np.diag(spread**-2.0))

    @property
    def probability(self) -> Floats:
        """(n,) that a unit is a true thing of its lead class, with the doubt about the coefficients taken in (MacKay 1992)."""
        score = self.x @ self.at
        variance = np.einsum("ni,ij,nj->n", self.x, np.linalg.inv(self.precision), self.x)
        return np.asarray(_sigmoid(score / np.sqrt(1 + np.pi * variance / 8)))

    def after(self, units: Indices | Sequence[int], right: npt.NDArray[np.bool_] | Sequence[bool]) -> "Belief":
        """The belief given answers (the mode and its curvature, by Fisher scoring); this one is the prior."""
        x, y = self.x[np.asarray(units, np.int64)], np.asarray(right, np.float64)
        at, precision = self.at.copy(), self.precision
        for _ in range(50):
            q = _sigmoid(x @ at)
            p, slope = SLIP + (1 - 2 * SLIP) * q, (1 - 2 * SLIP) * q * (1 - q)
            weight = slope / (p * (1 - p))
            precision = self.precision + (x * (weight * slope)[:, None]).T @ x
            step = np.linalg.solve(precision, x.T @ ((y - p) * weight) - self.precision @ (at - self.at))
            at = at + step * min(1.0, 2.0 / max(float(np.abs(step).max(initial=0)), 1e-12))
            if np.abs(step).max(initial=0) < 1e-6:
                break
        return Belief(self.x, at, precision)


def features(pool: Pool) -> tuple[Floats, Floats, Floats]:
    """(n, f) features of the units, and the mean and spread (f,) of their coefficients before any answer."""
    if not pool.has_thresholds:
        return _claim_features(pool)
    found = pool.class_id >= 0
    base = np.stack([np.ones(len(pool)), _surest(pool), _agreement(pool, found), _twin(pool)], axis=1)
    columns, mean, spread = [base], [_PRIOR], [_SPREAD]
    wordings = _patterns(np.array([c.prompts for c in pool.claims], np.int64), found)
    if wordings.shape[1] > 1:
        k = wordings.shape[1]
        columns += [_common(pool, found), wordings, wordings * base[:, 1:2]]
        mean.append(np.array([_COMMON, *np.zeros(2 * k)]))
        spread += [np.array([_COMMON_SPREAD]), np.full(k, _WORDING), np.full(k, _WORDING_SLOPE)]
    models = sorted({c.model for c in pool.claims})
    if len(models) > 1:
        by_model = [found[[c.model == m for c in pool.claims]].any(axis=0) for m in models]
        seen = np.stack(by_model, axis=1).astype(np.float64)
        columns.append(seen - seen.mean(axis=0))
        mean.append(np.zeros(len(models)))
        spread.append(np.full(len(models), _MODEL))
    return np.concatenate(columns, axis=1), np.concatenate(mean), np.concatenate(spread)


def _claim_features(pool: Pool) -> tuple[Floats, Floats, Floats]:
    """Of runs that name the lead class: how many more than all (0 or less), how sure they are, and whether each does."""
    prior, width = (_VOTE_PRIOR, _VOTE_SPREAD) if pool.exclusive else (_PAIR_PRIOR, _PAIR_SPREAD)
    agree = pool.class_id == pool.lead
    count = agree.sum(axis=0)
    sure = np.where(agree, _logit(pool.confidence), 0.0).sum(axis=0) / np.maximum(count, 1)
    base = np.stack([np.ones(len(pool)), count / max(len(agree), 1) - 1, sure], axis=1)
    if len(agree) < 2:
        return base, prior, width
    each = np.asarray(agree - agree.mean(axis=1, keepdims=True), np.float64).T
    spread = np.concatenate([width, np.full(len(agree), _VOTER)])
    return np.concatenate([base, each], axis=1), np.concatenate([prior, np.zeros(len(agree))]), spread


def _sigmoid(z: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(z, -40, 40))))


def _logit(p: npt.NDArray[np.floating]) -> Floats:
    p = np.clip(p, 1e-3, 1 - 1e-3)
    return np.asarray(np.log(p / (1 - p)), np.float64)


def _surest(pool: Pool) -> Floats:
    """The largest distance of a confidence to its model's usual threshold, in logits; 0 where a model has no threshold."""
    usual = np.array([c.usual for c in pool.claims])[:, None]
    distance = np.where(usual > 0, _logit(pool.confidence) - _logit(usual), 0.0)
    best = np.where(pool.class_id >= 0, distance, -np.inf).max(axis=0, initial=-np.inf)
    return np.where(np.isfinite(best), best, 0.0)


def _agreement(pool: Pool, found: npt.NDArray[np.bool_]) -> Floats:
    """The share of the runs with one wording that find the unit, of the wording where it is largest."""
    wordings = {c.prompts for c in pool.claims}
    shares = [found[[c.prompts == w for c in pool.claims]].mean(axis=0) for w in sorted(wordings)]
    return np.asarray(np.max(shares, axis=0) - 0.6 if shares else np.zeros(len(pool)))


def _common(pool: Pool, found: npt.NDArray[np.bool_]) -> Floats:
    """(n, 1) the share of the wordings that find the unit."""
    wordings = sorted({c.prompts for c in pool.claims})
    by_wording = [found[[c.prompts == w for c in pool.claims]].any(axis=0) for w in wordings]
    return np.asarray(np.stack(by_wording, axis=1).mean(axis=1, keepdims=True) - 0.75)


def _twin(pool: Pool) -> Floats:
    return np.clip((pool.twin - 0.3) / 0.3, 0, 1)


def _patterns(wording: Indices, found: npt.NDArray[np.bool_]) -> Floats:
    """(n, k) which set of wordings finds each unit, for the most frequent sets; sets beyond these have no column."""
    kinds = sorted(set(wording.tolist()))
    if len(kinds) < 2:
        return np.zeros((found.shape[1], 0))
    by_wording = np.stack([found[wording == w].any(axis=0) for w in kinds])
    sets, member, count = np.unique(by_wording, axis=1, return_inverse=True, return_counts=True)
    order = np.argsort(-count, kind="stable")[:_MOST_WORDINGS]
    order = order[sets[:, order].any(axis=0)]
    return np.asarray(member.reshape(-1)[:, None] == order[None], np.float64)
