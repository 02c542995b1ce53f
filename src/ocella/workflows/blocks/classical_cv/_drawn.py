"""Points and pairs of points, drawn."""

from collections.abc import Sequence

import numpy as np

from ocella.ops.features import Features
from ocella.ops.grey import to_grey
from ocella.types import Image, Origin

__all__ = ["with_pairs", "with_points"]

_GREEN = (0, 255, 0)


def with_points(image: Image, found: Features) -> Image:
    """The image in grey with its points."""
    import cv2

    return image.derive(np.asarray(cv2.drawKeypoints(to_grey(image), found.points, None, _GREEN), np.uint8))


def with_pairs(
    first: Image, second: Image, points: tuple[Features, Features], pairs: Sequence[tuple[int, int]]
) -> Image:
    """Both images side by side, with a line for each pair. It is a new root."""
    import cv2

    matches = [cv2.DMatch(a, b, 0.0) for a, b in pairs]
    drawn = cv2.drawMatches(
        first.pixels, points[0].points, second.pixels, points[1].points, matches, None, matchColor=_GREEN
    )
    return first.derive(np.asarray(drawn, np.uint8), Origin(first.origin.source))
