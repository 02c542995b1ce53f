"""Points of an image that can be found again in another one (SIFT, Lowe 2004), and pairs of them."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ocella.ops.grey import to_grey
from ocella.types import Image

__all__ = ["Features", "Matcher", "find_features", "match"]

Descriptors = npt.NDArray[np.float32]
Pair = tuple[int, int]
Matcher = Literal["FlannBasedMatcher", "BFMatcher"]


@dataclass(frozen=True, eq=False)
class Features:
    """k points as OpenCV gives them, and what is around each: `descriptors` (k, 128)."""

    points: tuple[Any, ...]
    descriptors: Descriptors

    @property
    def xy(self) -> npt.NDArray[np.float32]:
        """Where the points are, (k, 2)."""
        return np.array([p.pt for p in self.points], np.float32).reshape(-1, 2)

    def to_list(self) -> list[dict[str, Any]]:
        """A dictionary a point: pt, size, angle, response, octave, class_id."""
        names = ("size", "angle", "response", "octave", "class_id")
        return [{"pt": tuple(p.pt), **{name: getattr(p, name) for name in names}} for p in self.points]


def find_features(image: Image) -> Features:
    """Points of an image; none where it is flat."""
    import cv2

    points, descriptors = cv2.SIFT.create().detectAndCompute(to_grey(image), None)
    return Features(tuple(points), np.zeros((0, 128), np.float32) if descriptors is None else descriptors)


def match(
    first: Descriptors, second: Descriptors, ratio: float, matcher: Matcher = "BFMatcher", nearest: int = 2
) -> list[Pair]:
    """Rows of `first` with their nearest row of `second`, where it is nearer than `ratio` times the next one (Lowe's
    test; with `nearest` 1 there is no next one, and all are kept). FLANN is faster and misses some.
    """
    import cv2

    if len(first) < 2 or len(second) < 2:
        return []
    first, second = (np.ascontiguousarray(d, np.float32) for d in (first, second))
    flann = matcher == "FlannBasedMatcher"
    engine = cv2.FlannBasedMatcher({"algorithm": 1, "trees": 5}, {"checks": 50}) if flann else cv2.BFMatcher()
    found = engine.knnMatch(first, second, k=min(nearest, len(second)))
    return [
        (near[0].queryIdx, near[0].trainIdx)
        for near in found
        if near and (len(near) < 2 or near[0].distance < ratio * near[1].distance)
    ]
