"""The same figures where labels are there already: exact counts by COCO's matching, intervals by bootstrap over images."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ocella.choosing.exact import Exact, percentiles
from ocella.choosing.pool import Pool
from ocella.choosing.totals import Cut
from ocella.metrics.intervals import Interval
from ocella.metrics.matching import Matches, On, match
from ocella.types import Detections

__all__ = ["Labelled"]

Floats = npt.NDArray[np.float64]


class Labelled(Exact):
    """Figures of cuts from true labels, one an image, for the runs of a pool (`said` by run and image)."""

    def __init__(
        self,
        pool: Pool,
        said: Sequence[Sequence[Detections]],
        truths: Sequence[Detections],
        *,
        on: On = "boxes",
        seed: int = 0,
    ) -> None:
        super().__init__(pool, seed)
        self._matches = [match(of_run, truths, pool.classes, on=on, max_detections=10**6) for of_run in said]

    def known(self, class_id: int) -> float:
        """How many true things of the class were looked at."""
        return float(self._matches[0].per_class[class_id].truths[0].sum()) if self._matches else 0.0

    def ap(self, run: int, classes: Sequence[int] | None = None) -> Interval:
        """Average precision at IoU 0.5, its mean over the classes that occur; by bootstrap over fewer draws."""
        own = _only(self._matches[run], classes, range(len(self.pool.classes)))
        drawn = [_ap(own, w) for w in self.draws[:200].astype(np.int64)]
        return percentiles(_ap(own, np.ones(self.pool.n_images, np.int64)), np.array(drawn))

    def by_image(self, cut: Cut, classes: Sequence[int] | None = None) -> tuple[Floats, Floats, Floats]:
        """(images,) true things found, those there, and what is claimed."""
        n = self.pool.n_images
        found, there, claimed = np.zeros(n), np.zeros(n), np.zeros(n)
        for k in range(len(self.pool.classes)) if classes is None else classes:
            own = self._matches[cut.run].per_class[k]
            counts = ~own.ignored[0, 0] & (own.confidence >= cut.thresholds[k])
            claimed += np.bincount(own.image[counts], minlength=n)
            hits = counts & own.hit[0, 0]
            found += np.bincount(own.image[hits], minlength=n)
            there += own.truths[0]
        return found, there, claimed


def _only(matches: Matches, classes: Sequence[int] | None, every: Sequence[int]) -> Matches:
    kept = list(every) if classes is None else list(classes)
    return Matches(tuple(matches.classes[k] for k in kept), matches.n_images, tuple(matches.per_class[k] for k in kept))


def _ap(matches: Matches, weights: npt.NDArray[np.int64]) -> float:
    from ocella.metrics.average_precision import accumulate

    return accumulate(matches, weights, sizes=False).ap50
