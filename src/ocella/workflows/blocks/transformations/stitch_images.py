"""Two images of one scene as one."""

from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ocella.ops.features import find_features, match
from ocella.ops.perspective import moved
from ocella.types import Image, Origin
from ocella.workflows.block import Block

__all__ = ["UNITS"]

Matrix = npt.NDArray[np.float64]

_RATIO = 0.75
_FEWEST = 4
"""Pairs that a perspective is determined by."""
_LARGEST = 4
"""How many times longer than both images together the result may be: a larger one comes from wrong pairs."""


class StitchImages(Block):
    """Pair the points (SIFT) that two overlapping images have in common, and put one, warped to fit, under the other. Points
    may miss each other by `max_allowed_reprojection_error` pixels. There is no image where too few pairs are found.
    """

    type = "stitch_images@v1"
    output = "stitched_image"
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "left"}, {"type": "WorkflowImage", "name": "right"}],
        "steps": [{"type": "stitch_images", "name": "wide", "image1": "$inputs.left", "image2": "$inputs.right"}],
        "outputs": [{"type": "JsonField", "name": "image", "selector": "$steps.wide.stitched_image"}],
    }

    max_allowed_reprojection_error: Annotated[float, Field(ge=0)] = 3
    count_of_best_matches_per_query_descriptor: Annotated[int, Field(ge=1)] = 2

    def run(self, image1: Image, image2: Image) -> Image | None:
        """Both as one image, a new root."""
        import cv2

        one, two = find_features(image1), find_features(image2)
        nearest = self.count_of_best_matches_per_query_descriptor
        pairs = np.array(match(one.descriptors, two.descriptors, _RATIO, nearest=nearest), int).reshape(-1, 2)
        if len(pairs) < _FEWEST:
            return None
        here, there, below, above = one.xy[pairs[:, 0]], two.xy[pairs[:, 1]], image1, image2
        if one.xy[:, 0].mean() >= two.xy[:, 0].mean():
            here, there, below, above = there, here, image2, image1
        matrix, _ = cv2.findHomography(here, there, cv2.RANSAC, self.max_allowed_reprojection_error)
        return None if matrix is None else _laid(below, above, np.asarray(matrix))


def _laid(below: Image, above: Image, matrix: Matrix) -> Image | None:
    """`above` on `below` as the matrix warps it, on a canvas that holds both."""
    import cv2

    height, width = below.size_hw
    corners = moved([[0, 0], [0, height], [width, height], [width, 0]], matrix)
    longest = _LARGEST * (sum(below.size_hw) + sum(above.size_hw))
    if not np.isfinite(corners).all() or np.abs(corners).max() > longest:
        return None
    low = np.minimum(corners.min(axis=0).astype(int), 0)
    wide, tall = (np.maximum(corners.max(axis=0).astype(int), above.size_hw[::-1]) - low).tolist()
    shift = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1]], np.float64)
    canvas = np.array(cv2.warpPerspective(below.pixels, shift @ matrix, (wide, tall)), np.uint8)
    canvas[-low[1] : above.height - low[1], -low[0] : above.width - low[0]] = above.pixels
    return above.derive(canvas, Origin(above.origin.source))


UNITS = (StitchImages,)
