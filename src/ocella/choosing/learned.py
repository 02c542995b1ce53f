"""Whether labels are worth learning from: ready-made against trained classifiers, each judged on labels it has not seen."""

import math
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from ocella.choosing.chosen import Chosen, Comparison, Scored
from ocella.choosing.setting import Setting
from ocella.errors import InvalidValue
from ocella.metrics.intervals import Interval, bootstrap, wilson

__all__ = ["Family", "Tried", "choose_learned", "fold_numbers", "labels_to_tell", "paired"]

Family = Literal["zero-shot", "probe", "fine-tune"]
"""Ready-made; a simple classifier on fixed features, seconds; all weights trained, minutes. Cheaper ones come first."""
Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
_POWER = 0.8
_ONE_SE = 0.683
"""Level of an interval of one standard error to each side."""


@dataclass(frozen=True, eq=False)
class Tried:
    """`score` (n,) says how right a way was about each labelled image while its label was hidden: 0 or 1, or such with a
    difference added. `nearness` (n,) is 1 / the place of the true class in its order (1/2: second), which tells more
    from few labels. `belief` is the mean probability it gave to the true class, which tells still more but only between
    wordings of one model. `both`: it leans on words and on labels, so neither few labels nor bad words can mislead it far.
    `why` is what a reader must know of it, `seconds` an image in use.
    """

    setting: Setting
    family: Family
    score: Floats
    nearness: Floats
    why: str = ""
    belief: float = math.nan
    both: bool = False
    seconds: float = math.nan
    license: str = ""
    commercial_use: bool = False

    def __post_init__(self) -> None:
        if self.family not in get_args(Family):
            raise InvalidValue(f"family must be one of {', '.join(get_args(Family))}, got {self.family!r}.")
        for field in ("score", "nearness"):
            object.__setattr__(self, field, np.asarray(getattr(self, field), np.float64))
            value = getattr(self, field)
            if value.ndim != 1 or value.shape != self.score.shape or not len(value) or not np.isfinite(value).all():
                raise InvalidValue(f"{field} must be numbers, one a labelled image, got shape {value.shape}.")

    @property
    def name(self) -> str:
        """The setting's name."""
        return self.setting.name

    @property
    def mean(self) -> float:
        """Accuracy on the labels."""
        return float(self.score.mean())

    @property
    def merit(self) -> tuple[bool, bool, float, int]:
        """Of ways that may be equally right the better is larger: one without all weights trained, one that leans on both
        words and labels, by nearness, the cheaper.
        """
        cheapness = -get_args(Family).index(self.family)
        return self.family != "fine-tune", self.both, round(float(self.nearness.mean()), 9), cheapness


def choose_learned(
    tried: Sequence[Tried],
    classes: Sequence[str],
    *,
    groups: Sequence[Hashable] | None = None,
    goal: str = "accuracy",
    whole_set: int = 0,
    ruled_out: Sequence[tuple[str, str]] = (),
) -> Chosen:
    """First the way that is right most often; of ways at most one image, or one standard error of the difference, behind it
    the one with the most merit. Of the wordings of one zero-shot model only that competes which believes most in the true classes.
    All are compared with the first on the same images; `groups` (near-duplicates) count as one observation in the
    intervals. Warnings say what the labels cannot tell apart, and how many would. Raises InvalidValue.
    """
    counts = {len(t.score) for t in tried}
    if len(counts) != 1 or (groups is not None and len(groups) not in counts):
        raise InvalidValue(f"All ways must be tried on the same images, got {sorted(counts)} of them.")
    n = counts.pop()
    names = list(range(n)) if groups is None else list(groups)
    picked = max(_contenders(_entrants(tried), names), key=lambda t: t.merit)
    others = sorted((t for t in tried if t is not picked), key=lambda t: (t.mean, t.merit), reverse=True)
    return Chosen(
        task="classify",
        classes=tuple(classes),
        goal=goal,
        ranked=tuple(_scored(t, names) for t in (picked, *others)),
        comparisons=tuple(_compared(picked, t, names) for t in others),
        images=n,
        whole_set=whole_set,
        ruled_out=tuple(ruled_out),
        warnings=tuple(_noise(picked, others, names)),
    )


def _entrants(tried: Sequence[Tried]) -> list[Tried]:
    """All ways, but of zero-shot settings of one model the one with the highest belief (the first where none has any)."""
    ready: dict[str, Tried] = {}
    for way in (t for t in tried if t.family == "zero-shot"):
        known = ready.setdefault(way.setting.model, way)
        if way.belief > known.belief:
            ready[way.setting.model] = way
    return [t for t in tried if t.family != "zero-shot" or ready[t.setting.model] is t]


def _contenders(entered: Sequence[Tried], names: Sequence[Hashable]) -> list[Tried]:
    """The way that is right most often, and those that may as well be."""
    best = max(entered, key=lambda t: (t.mean, t.merit))
    close = [t for t in entered if (best.mean - t.mean) * len(names) <= 1 + 1e-9]
    return close + [t for t in entered if t not in close and paired(best.score, t.score, names, level=_ONE_SE).low <= 0]


def _scored(way: Tried, names: Sequence[Hashable]) -> Scored:
    return Scored(
        way.setting,
        "accuracy",
        _accuracy(way.score, names),
        seconds=way.seconds,
        license=way.license,
        commercial_use=way.commercial_use,
        why=way.why,
    )


def _compared(picked: Tried, other: Tried, names: Sequence[Hashable]) -> Comparison:
    apart = paired(picked.score, other.score, names)
    enough = labels_to_tell(picked.score, other.score)
    settled = apart.low > 0 or apart.high < 0 or enough is None
    return Comparison(other.name, apart, 0 if settled or enough is None else enough - len(names))


def _noise(picked: Tried, others: Sequence[Tried], names: Sequence[Hashable]) -> Iterator[str]:
    """A sentence for each family whose best other way could as well be the better one."""
    for family in get_args(Family):
        rival = next((t for t in others if t.family == family), None)
        if rival is None:
            continue
        found = _compared(picked, rival, names)
        if found.verdict == "noise":
            more = f"about {found.more_answers} more labels would" if found.more_answers else "they are alike so far"
            yield (
                f"{len(names)} labels cannot tell {picked.name} from {rival.name} ({family}): {_shown(found.difference)}; "
                f"{more}."
            )


def paired(
    first: npt.ArrayLike, second: npt.ArrayLike, groups: Sequence[Hashable] | None = None, *, level: float = 0.95
) -> Interval:
    """First minus second on the same images, sound for few (Agresti and Min 2005: as if one image more had spoken for
    each side); the images of a group vary together.
    """
    apart = np.asarray(first, np.float64) - np.asarray(second, np.float64)
    n, total = len(apart), float(apart.sum())
    if groups is not None:
        apart = np.bincount(_places(groups), weights=apart).astype(np.float64)
    middle = total / (n + 2)
    spread = math.sqrt(max(float((apart**2).sum()) + 1 - (n + 2) * middle**2, 0)) / (n + 2)
    half = NormalDist().inv_cdf((1 + level) / 2) * spread
    value = total / n
    return Interval(value, max(-1.0, min(value, middle - half)), min(1.0, max(value, middle + half)), level)


def labels_to_tell(first: npt.ArrayLike, second: npt.ArrayLike, *, level: float = 0.95) -> int | None:
    """How many labels in all would show a difference as large as this one 4 times of 5; None where there is none."""
    apart = np.asarray(first, np.float64) - np.asarray(second, np.float64)
    n, mean = len(apart), float(apart.mean())
    if abs(mean) < 1e-9:
        return None
    variance = (float((apart**2).sum()) + 1) / (n + 2) - mean**2  # smoothed as in `paired`: few labels may all agree
    z = NormalDist().inv_cdf((1 + level) / 2) + NormalDist().inv_cdf(_POWER)
    return max(n, math.ceil(z**2 * max(variance, 0.0) / mean**2))


def fold_numbers(
    class_id: npt.ArrayLike, parts: int, *, groups: Sequence[Hashable] | None = None, seed: int = 0
) -> Indices:
    """Which of `parts` folds each image is held out in: every class spread over the folds, no group divided."""
    classes = np.asarray(class_id, np.int64)
    unit = np.arange(len(classes)) if groups is None else _places(groups)
    _, first = np.unique(unit, return_index=True)
    if not 2 <= parts <= len(first):
        raise InvalidValue(f"There must be 2 to {len(first)} folds, as many as groups of images, got {parts}.")
    order = np.random.default_rng(seed).permutation(len(first))
    dealt = order[np.argsort(classes[first][order], kind="stable")]
    fold = np.empty(len(first), np.int64)
    fold[dealt] = np.arange(len(first)) % parts
    return fold[unit]


def _accuracy(score: Floats, groups: Sequence[Hashable]) -> Interval:
    """Wilson's where images are right or wrong and stand alone, else by drawing groups anew."""
    if np.isin(score, (0, 1)).all() and len(set(groups)) == len(score):
        return wilson(int(score.sum()), len(score))
    return bootstrap(lambda w: float(np.average(score, weights=w)), len(score), groups=groups)


def _places(groups: Sequence[Hashable]) -> Indices:
    place: dict[Hashable, int] = {}
    return np.array([place.setdefault(g, len(place)) for g in groups], np.int64)


def _shown(apart: Interval) -> str:
    return f"{apart.value:+.2f} [{apart.low:+.2f}, {apart.high:+.2f}]"
