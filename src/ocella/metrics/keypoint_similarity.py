"""Object keypoint similarity (OKS): distance of points against the size of the object."""

import numpy as np
import numpy.typing as npt

from ocella.errors import Mismatch
from ocella.types import Keypoints

__all__ = ["COCO_SIGMAS", "keypoint_similarity", "sigmas_for"]

COCO_SIGMAS = (
    *(0.026, 0.025, 0.025, 0.035, 0.035),
    *(0.079, 0.079, 0.072, 0.072, 0.062, 0.062),
    *(0.107, 0.107, 0.087, 0.087, 0.089, 0.089),
)
"""How far people place each of the 17 points apart, by the root of the object's area (cocodataset.org, keypoints)."""


_NO_SIGMA = 0.08
"""Where no study says: about the mean of COCO's."""


def sigmas_for(points: int) -> tuple[float, ...]:
    """COCO's for its 17 points, else one for all."""
    return COCO_SIGMAS if points == len(COCO_SIGMAS) else (_NO_SIGMA,) * points


def keypoint_similarity(
    found: Keypoints,
    truth: Keypoints,
    area: npt.NDArray[np.floating],
    xyxy: npt.NDArray[np.floating],
    sigmas: tuple[float, ...] = COCO_SIGMAS,
) -> npt.NDArray[np.float64]:
    """(n, m), 0 to 1; `area` (m,) and `xyxy` (m, 4) are of the true objects. Only visible true points count; an object
    without any is matched by predictions near its box. Raises Mismatch for two skeletons.
    """
    names = found.skeleton.names
    if names != truth.skeleton.names or len(sigmas) != len(names):
        raise Mismatch(
            f"Keypoints can be compared over one skeleton with one sigma a point, got {len(names)} found, "
            f"{len(truth.skeleton.names)} true points and {len(sigmas)} sigmas."
        )
    seen = np.asarray(truth.visible.any(axis=1))
    away = found.xy[:, None].astype(np.float64) - truth.xy[None]
    boxes = np.asarray(xyxy, np.float64).reshape(-1, 4)
    away = np.where(seen[None, :, None, None], away, _beyond(found.xy.astype(np.float64), boxes))
    spread = (2 * np.asarray(sigmas)) ** 2 * 2 * (np.asarray(area, np.float64)[None, :, None] + np.spacing(1))
    like = np.exp(-(away**2).sum(axis=-1) / spread)
    counts = np.where(seen[:, None], truth.visible, True)
    return np.asarray((like * counts[None]).sum(axis=-1) / counts.sum(axis=-1))


def _beyond(points: npt.NDArray[np.float64], boxes: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How far each point is outside each box grown by its own size on every side."""
    sides = boxes[:, 2:] - boxes[:, :2]
    low, high = (boxes[:, :2] - sides)[None, :, None], (boxes[:, 2:] + sides)[None, :, None]
    each = points[:, None]
    return np.asarray(np.maximum(low - each, 0) + np.maximum(each - high, 0))
