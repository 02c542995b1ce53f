"""Precision, recall and F of a setting from a few answers, with 95 % intervals.

The estimates are model-assisted: what the belief expects of all units, corrected by what answers showed, each weighted by one
over its chance of having been asked (the difference estimator of Särndal, Swensson and Wretman 1992). The correction makes
them right on average however wrong the belief is; a good belief makes them narrow. The variance is the mean of what the
answers show and what the belief expects, which keeps it from vanishing when a few answers all agree.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ocella.choosing.answers import Standing
from ocella.choosing.cuts import claimed, thresholds
from ocella.choosing.order import missing_variance
from ocella.choosing.totals import Cut, Totals
from ocella.metrics.intervals import Interval

__all__ = ["Estimator"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_Z = 1.96
_RESAMPLES = 300
_SHOWN = 0.5
"""Share of the variance that is taken from the answers, the rest from the belief."""
_LEAST_UNION = 0.5
"""A class of which less is there or claimed does not occur."""


@dataclass(frozen=True, eq=False)
class _Linear:
    """A figure that is a sum over units: `gain` (n, k) is what a unit adds if it is a true thing of a class, `got` (a,) what
    those with an answer did add; each missing thing takes `there` (k,) away, and an image's claims take away `claims`.
    """

    gain: Floats
    got: Floats
    there: Floats
    claims: Floats


class Estimator:
    """Figures of cuts from a standing. `whole` is how many images the sample stands for: intervals then take in that other
    images would have been other images; 0 where it is all of them.
    """

    def __init__(self, standing: Standing, *, whole: int = 0) -> None:
        self.standing, self.pool = standing, standing.pool
        self._share, self._missing = standing.share, standing.missing
        answers = standing.answers
        gap_unit = np.full(self.pool.n_images, -1, np.int64)
        gap_unit[self.pool.image[self.pool.gap]] = np.flatnonzero(self.pool.gap)
        self._gap = gap_unit
        self._weight = 1 / np.maximum(standing.chance[answers.unit], 1e-6)
        gaps = gap_unit[answers.image]
        self._gap_weight = 1 / np.maximum(standing.chance[gaps], 1e-6)
        self._open = (1 - standing.chance) / np.maximum(standing.chance, 1e-6)
        images = self.pool.n_images
        self._other = 1 - images / whole if whole > images else 0.0

    def expected(self, cut: Cut, classes: Sequence[int] | None = None) -> Totals:
        """As the belief has it, answers taken in as answers that may be slips: steadier, for choosing among settings."""
        mine, share = self._classes(classes), self.standing.believed_share
        says, hit = self._says(cut, mine)
        per_unit = _at(share, says)
        unit = self.standing.answers.unit
        right = self.standing.answers.right(self.pool)
        per_unit[unit] = np.where(right, hit * share[unit, self.pool.lead[unit]], per_unit[unit])
        there = share[self.pool.core][:, mine].sum() + self.standing.believed_missing[:, mine].sum()
        return Totals(float(per_unit.sum()), self._known_there(float(there)), self._claimed(cut, mine))

    def totals(self, cut: Cut, classes: Sequence[int] | None = None) -> Totals:
        """Unbiased for any belief: the expectation corrected by weighted answers."""
        mine = self._classes(classes)
        there = self._known_there(max(float(self._there_by_image(mine).sum()), 1e-9))
        return Totals(float(self._found_by_image(cut, mine).sum()), there, self._claimed(cut, mine))

    def precision(self, cut: Cut, classes: Sequence[int] | None = None) -> Interval:
        """Share of the claims that is right."""
        totals = self.totals(cut, classes)
        return self._proportion(totals.precision, totals.claimed, cut, classes, (1.0, 0.0, totals.precision))

    def recall(self, cut: Cut, classes: Sequence[int] | None = None) -> Interval:
        """Share of the true things that is found."""
        totals = self.totals(cut, classes)
        return self._proportion(totals.recall, totals.there, cut, classes, (1.0, totals.recall, 0.0))

    def f(self, cut: Cut, beta: float = 1.0, classes: Sequence[int] | None = None) -> Interval:
        """F of the setting."""
        totals, square = self.totals(cut, classes), beta * beta
        value = totals.f(beta)
        scale = totals.claimed + square * totals.there
        return self._proportion(value, scale, cut, classes, (1 + square, square * value, value))

    def difference(self, one: Cut, other: Cut, beta: float = 1.0) -> Interval:
        """F of one minus F of the other, on the same answers."""
        mine, linear, value = self._classes(None), [], 0.0
        for cut, sign in ((one, 1.0), (other, -1.0)):
            totals, square = self.totals(cut), beta * beta
            f = totals.f(beta)
            scale = max(totals.claimed + square * totals.there, 1e-9)
            linear.append(self._linear(cut, mine, [sign * w / scale for w in (1 + square, square * f, f)]))
            value += sign * f
        first, second = linear
        both = _Linear(
            first.gain + second.gain, first.got + second.got, first.there + second.there, first.claims + second.claims
        )
        spread = _Z * math.sqrt(self._variance(both))
        return Interval(value, value - spread, value + spread)

    def mean_iou(self, cut: Cut, classes: Sequence[int] | None = None) -> Interval:
        """Mean over the classes that occur or are claimed of found / (claimed + there - found)."""
        each = {}
        for k in self._classes(classes).tolist():
            totals = self.totals(cut, (k,))
            found = min(max(totals.found, 0.0), totals.claimed, totals.there)
            union = totals.claimed + totals.there - found
            if union >= _LEAST_UNION:
                each[k] = found / union, union
        if not each:
            return Interval(math.nan, 0.0, 1.0)
        linear = [
            self._linear(cut, np.array([k]), [w / union / len(each) for w in (1 + iou, iou, iou)])
            for k, (iou, union) in each.items()
        ]
        parts = ([getattr(x, name) for x in linear] for name in ("gain", "got", "there", "claims"))
        whole = _Linear(*(np.sum(p, axis=0) for p in parts))
        return _wilson(float(np.mean([iou for iou, _ in each.values()])), self._variance(whole))

    def known(self, class_id: int) -> float:
        """How many answers were about things of the class, or about what was taken for it."""
        answers = self.standing.answers
        about = (answers.class_id == class_id) | (self.pool.lead[answers.unit] == class_id)
        return float(about.sum() + (answers.missing[:, class_id] > 0).sum())

    def ap(self, run: int, classes: Sequence[int] | None = None) -> Interval:
        """Average precision at IoU 0.5, its mean over the classes, by the steps of `Cuts`; bootstrap over images."""
        images = self.pool.n_images
        draws = np.random.default_rng(0).multinomial(images, np.full(images, 1 / images), size=_RESAMPLES)
        weights = np.concatenate([np.ones((1, images)), draws])
        steps = thresholds(self.pool.claims[run].confidence)
        each = [self._average_precisions(run, steps, k, weights) for k in self._classes(classes)]
        if not steps or not each:
            return Interval(math.nan, 0.0, 1.0)
        drawn = np.mean(each, axis=0)
        low, high = np.quantile(drawn[1:], [0.025, 0.975]).tolist()
        return Interval(float(drawn[0]), low, high)

    def _average_precisions(self, run: int, steps: Sequence[float], k: int, weights: Floats) -> Floats:
        """(w,) the average precision of a class with each image counted by the rows of `weights` (w, images)."""
        mine, k_classes = np.array([k]), len(self.pool.classes)
        cuts = [Cut(run, (t,) * k_classes) for t in reversed(steps)]
        found = np.stack([weights @ self._found_by_image(cut, mine) for cut in cuts])
        said = np.stack([weights @ self._claims_by_image(cut, mine) for cut in cuts])
        there = np.maximum(weights @ self._there_by_image(mine), 1e-9)
        found = np.clip(np.maximum.accumulate(found, axis=0), 0, np.minimum(said, there))
        precision = found / np.maximum(said, 1e-9)
        precision = np.maximum.accumulate(precision[::-1], axis=0)[::-1]
        recall = np.concatenate([np.zeros((1, len(weights))), found / there])
        return np.asarray((np.diff(recall, axis=0) * precision).sum(axis=0))

    def _found_by_image(self, cut: Cut, mine: npt.NDArray[np.int64]) -> Floats:
        says, hit = self._says(cut, mine)
        unit = self.standing.answers.unit
        each = _at(self._share, says)
        np.add.at(each, unit, (hit - each[unit]) * self._weight)
        return np.bincount(self.pool.image, each, minlength=self.pool.n_images).astype(np.float64)

    def _there_by_image(self, mine: npt.NDArray[np.int64]) -> Floats:
        answers, core = self.standing.answers, self.pool.core
        each = np.where(core, self._share[:, mine].sum(axis=1), 0.0)
        true = np.isin(answers.class_id, mine) & core[answers.unit]
        np.add.at(each, answers.unit, (true - each[answers.unit]) * self._weight)
        missing = self._missing[:, mine].sum(axis=1)
        seen = (answers.missing - self._missing[answers.image])[:, mine].sum(axis=1)
        np.add.at(missing, answers.image, seen * self._gap_weight)
        return np.asarray(np.bincount(self.pool.image, each, minlength=self.pool.n_images) + missing)

    def _proportion(
        self, value: float, scale: float, cut: Cut, classes: Sequence[int] | None, linear: tuple[float, float, float]
    ) -> Interval:
        """Wilson's interval with as many trials as the variance is worth; `linear` are the weights of what is found, there
        and claimed.
        """
        if math.isnan(value) or scale <= 0:
            return Interval(math.nan, 0.0, 1.0)
        linear_figure = self._linear(cut, self._classes(classes), [w / scale for w in linear])
        return _wilson(value, self._variance(linear_figure))

    def _linear(self, cut: Cut, mine: npt.NDArray[np.int64], weights: Sequence[float]) -> _Linear:
        """What is found less what is there and what is claimed, each with its weight."""
        answers, core = self.standing.answers, self.pool.core
        found, there, claims = weights
        taken = np.zeros(len(self.pool.classes))
        if self.pool.there is None:
            taken[mine] = there
        says, hit = self._says(cut, mine)
        gain = np.where(core[:, None], -taken, 0.0)
        claiming = np.flatnonzero(says >= 0)
        gain[claiming, says[claiming]] += found
        lost = np.where((answers.class_id >= 0) & core[answers.unit], taken[answers.class_id], 0.0)
        return _Linear(gain, found * hit - lost, taken, claims * self._claims_by_image(cut, mine))

    def _variance(self, figure: _Linear) -> float:
        """Of a sum over which units were asked and, where the sample stands for more, which images."""
        answers, share = self.standing.answers, self._share
        mean = (share * figure.gain).sum(axis=1)
        spread = np.maximum((share * figure.gain**2).sum(axis=1) - mean**2, 0)
        seen = figure.got - mean[answers.unit]
        gap_seen = (answers.missing - self._missing[answers.image]) @ figure.there
        shown = (self._weight * (self._weight - 1) * seen**2).sum()
        shown += (self._gap_weight * (self._gap_weight - 1) * gap_seen**2).sum()
        missing = self._missing @ figure.there
        believed = (self._open * spread).sum()
        believed += (self._open[self._gap] * self._missing_variance(figure.there)).sum()
        total = _SHOWN * shown + (1 - _SHOWN) * believed
        return float(total + self._other * self._between_images(mean, missing + figure.claims))

    def _missing_variance(self, there: Floats) -> Floats:
        """(images,) of missing things, each class weighed alike where it counts."""
        weight = float(np.abs(there).max(initial=0))
        return weight**2 * missing_variance(self._missing[:, there != 0].sum(axis=1))

    def _between_images(self, per_unit: Floats, taken: Floats) -> float:
        """Variance of the sum over images drawn anew, by the linear parts of each image."""
        images = self.pool.n_images
        if images < 2:  # one image says nothing of others
            return math.inf
        each = np.bincount(self.pool.image, per_unit, minlength=images) - taken
        return float(images / (images - 1) * ((each - each.mean()) ** 2).sum())

    def _says(self, cut: Cut, mine: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], Floats]:
        """(n,) the class, one of `mine`, that the cut claims a unit is, -1 for none, and (a,) whether it is right about each
        answer.
        """
        r = cut.run
        least = np.array([*cut.thresholds, np.inf])
        said = self.pool.class_id[r]
        says = np.where(np.isin(said, mine) & (self.pool.confidence[r] >= least[said]), said, -1)
        answers = self.standing.answers
        sure = answers.confidence[r]
        hit = np.isin(answers.class_id, mine) & (sure > 0) & (sure >= least[answers.class_id])
        return says, hit.astype(np.float64)

    def _claimed(self, cut: Cut, mine: npt.NDArray[np.int64]) -> float:
        return float(sum(claimed(self.pool, np.array([cut.run]), np.array([cut.thresholds[k]]))[0, k] for k in mine))

    def _claims_by_image(self, cut: Cut, mine: npt.NDArray[np.int64]) -> Floats:
        claims = self.pool.claims[cut.run]
        kept = np.isin(claims.class_id, mine) & (claims.confidence >= np.array(cut.thresholds)[claims.class_id])
        return np.bincount(claims.image[kept], minlength=self.pool.n_images).astype(np.float64)

    def _known_there(self, there: float) -> float:
        return there if self.pool.there is None else self.pool.there

    def _classes(self, classes: Sequence[int] | None) -> npt.NDArray[np.int64]:
        return np.arange(len(self.pool.classes)) if classes is None else np.asarray(classes, np.int64)


def _at(share: Floats, class_id: npt.NDArray[np.int64]) -> Floats:
    """(n,) each unit's chance to be of the class, 0 where that is -1."""
    return np.where(class_id >= 0, share[np.arange(len(share)), class_id], 0.0)


def _wilson(value: float, variance: float) -> Interval:
    """Wilson's interval of a share whose variance is that of `value (1 - value) / variance` trials."""
    if not math.isfinite(variance):
        return Interval(value, 0.0, 1.0)
    if variance <= 0:
        return Interval(value, value, value)
    # an estimate cut off at 0 or 1 has the doubt of one a standard error away from there
    error = min(math.sqrt(variance), 0.5)
    spread = value * (1 - value) if 0 < value < 1 else error * (1 - error)
    trials = spread / variance
    middle = (value + _Z * _Z / (2 * trials)) / (1 + _Z * _Z / trials)
    half = _Z / (1 + _Z * _Z / trials) * math.sqrt(spread / trials + _Z * _Z / (4 * trials * trials))
    return Interval(value, max(0.0, min(value, middle - half)), min(1.0, max(value, middle + half)))
