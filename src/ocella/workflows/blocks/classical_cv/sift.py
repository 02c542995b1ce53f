"""Points that can be found again in another image."""

from typing import Annotated, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ocella.ops.features import find_features
from ocella.types import Image
from ocella.workflows.block import Block
from ocella.workflows.blocks.classical_cv._drawn import with_points
from ocella.workflows.kinds import Is

__all__ = ["UNITS"]


class Found(NamedTuple):
    """The image in grey with the points drawn, the points, and what is around each, (k, 128)."""

    image: Image
    keypoints: Annotated[list[Any], Is("image_keypoints")]
    descriptors: npt.NDArray[np.float32]


class Sift(Block):
    """Points with much detail, and descriptions of them that stay alike when the image is turned, scaled or lit otherwise
    (SIFT, Lowe 2004).
    """

    type = "sift@v1"
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [{"type": "sift", "name": "points", "image": "$inputs.image"}],
        "outputs": [{"type": "JsonField", "name": "image", "selector": "$steps.points.image"}],
    }

    def run(self, image: Image) -> Found:
        """The points; none in a flat image."""
        found = find_features(image)
        return Found(with_points(image, found), found.to_list(), found.descriptors)


UNITS = (Sift,)
