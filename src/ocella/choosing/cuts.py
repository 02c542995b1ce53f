"""Every run at every threshold worth a look: the settings among which is chosen."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ocella.choosing.pool import Pool

__all__ = ["Cuts", "claimed", "thresholds"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_STEPS = 16
_LEAST_STEP = 0.01


@dataclass(frozen=True, eq=False)
class Cuts:
    """m settings: `run` (m,) and `threshold` (m,); `claimed` (m, k) how many things of each class the run then claims, and
    `says` (m, n) of which units it then claims what their lead class is.
    """

    run: npt.NDArray[np.int64]
    threshold: Floats
    claimed: Floats
    says: Bools

    @classmethod
    def of(cls, pool: Pool) -> "Cuts":
        """About sixteen thresholds a run, evenly between its least and largest confidence, in steps of a hundredth or more."""
        run, threshold = [], []
        for r, claims in enumerate(pool.claims):
            own = thresholds(claims.confidence)
            run += [r] * len(own)
            threshold += own
        at = np.array(run, np.int64)
        cuts = np.array(threshold, np.float64)
        lead = pool.lead
        says = (pool.class_id[at] == lead) & (lead >= 0) & (pool.confidence[at] >= cuts[:, None])
        return cls(at, cuts, claimed(pool, at, cuts), says)

    def __len__(self) -> int:
        return len(self.run)


def claimed(pool: Pool, run: npt.NDArray[np.int64], threshold: Floats) -> Floats:
    """(m, k) how many things of each class the runs claim at the thresholds."""
    counts = np.zeros((len(run), len(pool.classes)))
    for m, (r, t) in enumerate(zip(run.tolist(), threshold.tolist(), strict=True)):
        of_run = pool.claims[r]
        counts[m] = np.bincount(of_run.class_id[of_run.confidence >= t], minlength=len(pool.classes))
    return counts


def thresholds(confidence: Floats) -> list[float]:
    """Thresholds worth a look for what a run claims, rising."""
    if not len(confidence):
        return []
    low, high = float(confidence.min()), float(confidence.max())
    step = max(_LEAST_STEP, round((high - low) / _STEPS, 2))
    first = np.floor(low / step) * step if low > 0 else 0.0
    found = np.arange(first, high, step) if high > first else np.array([first])
    return sorted({round(float(t), 2) for t in found})
