"""Everything that may be asked about, and what each run claims of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue

__all__ = ["Claims", "Pool", "Settled"]

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_SURER = 1e-3
"""What confidence adds to a vote: it decides between equals, no more, as that of one model says little beside another's."""


@dataclass(frozen=True, eq=False)
class Claims:
    """All that one run says: d rows with `image`, `class_id`, `confidence` (each (d,)). `usual` is the model's own
    threshold, `prompts` and `model` number the wording and the network, so that runs which share one are known to.
    """

    image: Indices
    class_id: Indices
    confidence: Floats
    usual: float
    prompts: int = 0
    model: int = 0


@dataclass(frozen=True, eq=False)
class Pool:
    """n units, each settled by one answer, for r runs over `n_images` images. `class_id` (r, n) is the class (a place in
    `classes`) that a run gives the unit, -1 where it says nothing of it; `confidence` (r, n) how sure it is, 0 there;
    `image` (n,) which image it is in; `gap` (n,) marks units that are a whole image, asked for what is missing beside the
    `core` (n,) units; `twin` (n,) is how much a unit overlaps a surer one, 0 to 1. In an `exclusive` pool every unit is one
    true thing of one of the classes, and every run names a class for each; `there` is how many true things there are where
    that is known beforehand.
    """

    classes: tuple[str, ...]
    n_images: int
    claims: tuple[Claims, ...]
    image: Indices
    class_id: Indices
    confidence: Floats
    gap: Bools
    core: Bools
    twin: Floats
    exclusive: bool = False
    there: float | None = None

    def __post_init__(self) -> None:
        r, n = len(self.claims), len(self.image)
        if self.class_id.shape != (r, n) or self.confidence.shape != (r, n):
            raise InvalidValue(
                f"class_id and confidence must have shape ({r}, {n}), got {self.class_id.shape} and {self.confidence.shape}."
            )
        if not (self.gap.shape == self.core.shape == self.twin.shape == (n,)):
            raise InvalidValue("gap, core and twin must have one entry a unit.")
        if (self.class_id[:, self.gap] >= 0).any():
            raise InvalidValue("No run says anything of a gap.")
        if n and (self.image.min() < 0 or self.image.max() >= self.n_images):
            raise InvalidValue(f"image must be within 0..{self.n_images - 1}.")
        if self.exclusive and (self.gap.any() or not self.core.all() or (self.class_id < 0).any()):
            raise InvalidValue("In an exclusive pool every run names the class of every unit, and there are no gaps.")

    def __len__(self) -> int:
        return len(self.image)

    @property
    def has_thresholds(self) -> bool:
        """Whether thresholds are to be chosen; not where every run must name something for all."""
        return not self.exclusive and self.there is None

    @cached_property
    def lead(self) -> Indices:
        """(n,) the class that the surest run gives each unit, -1 for a gap; in an exclusive pool the one most runs name."""
        if self.exclusive:
            return np.asarray(self.votes.argmax(axis=1))
        if not len(self.claims):
            return np.full(len(self), -1, np.int64)
        return np.asarray(self.class_id[self.confidence.argmax(axis=0), np.arange(len(self))])

    @cached_property
    def votes(self) -> Floats:
        """(n, k) how many runs name each class for each unit, and a little more the surer they are."""
        counts = np.zeros((len(self), len(self.classes)))
        for class_id, confidence in zip(self.class_id, self.confidence, strict=True):
            named = np.flatnonzero(class_id >= 0)
            counts[named, class_id[named]] += 1 + _SURER * confidence[named]
        return counts


@dataclass(frozen=True, eq=False)
class Settled:
    """What an answer says of a unit: `class_id` of the true thing that it stands for, -1 for none (also where another unit
    stands for it); `confidence` (r,) how sure each run is of the claim that is right there, 0 where it has none; of a gap
    `missing` (k,), how many true things of each class no core unit stands for.
    """

    class_id: int
    confidence: Floats
    missing: Floats

    @classmethod
    def nothing(cls, runs: int, classes: int) -> "Settled":
        """No true thing."""
        return cls(-1, np.zeros(runs), np.zeros(classes))

    @classmethod
    def gap(cls, missing: Sequence[float], runs: int) -> "Settled":
        """So many of each class are missing."""
        return cls(-1, np.zeros(runs), np.asarray(missing, np.float64))
