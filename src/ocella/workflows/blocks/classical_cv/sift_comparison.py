"""Whether two images show the same."""

from typing import Annotated, Any, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ocella.errors import InvalidValue
from ocella.ops.features import Features, Matcher, find_features, match
from ocella.types import Image
from ocella.workflows.block import Block
from ocella.workflows.blocks.classical_cv._drawn import with_pairs, with_points
from ocella.workflows.kinds import Is, Unit

__all__ = ["UNITS"]

Descriptors = npt.NDArray[np.float32]
Points = Annotated[list[Any], Is("image_keypoints")]


class Comparison(NamedTuple):
    """Whether they match; how many pairs of points; points and descriptions of both; with `visualize` pictures of them.
    Points and pictures are None for what came as descriptions.
    """

    images_match: bool
    good_matches_count: int
    keypoints_1: Points | None
    descriptors_1: Descriptors
    keypoints_2: Points | None
    descriptors_2: Descriptors
    visualization_1: Image | None
    visualization_2: Image | None
    visualization_matches: Image | None


class SiftComparison(Block):
    """Pair the points (SIFT) of two images, or descriptions that a `sift` step made. A pair is good where the nearest
    description is nearer than `ratio_threshold` times the next one; with `good_matches_threshold` good pairs the images
    match.
    """

    type = "sift_comparison@v2"
    synonyms = {"descriptor_1": "input_1", "descriptor_2": "input_2"}
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "one"}, {"type": "WorkflowImage", "name": "other"}],
        "steps": [{"type": "sift_comparison", "name": "same", "input_1": "$inputs.one", "input_2": "$inputs.other"}],
        "outputs": [{"type": "JsonField", "name": "match", "selector": "$steps.same.images_match"}],
    }

    good_matches_threshold: Annotated[int, Field(ge=1)] = 50
    ratio_threshold: Unit = 0.7
    matcher: Matcher = "FlannBasedMatcher"
    visualize: bool = False

    @classmethod
    def upgrade(cls, step: dict[str, Any], version: int) -> dict[str, Any]:
        """The first version took descriptions only."""
        del version
        return {cls.synonyms.get(name, name): value for name, value in step.items()}

    def run(self, input_1: Image | npt.NDArray[Any], input_2: Image | npt.NDArray[Any]) -> Comparison:
        """The comparison."""
        one, two = _features(input_1, "input_1"), _features(input_2, "input_2")
        pairs = match(one.descriptors, two.descriptors, self.ratio_threshold, self.matcher)
        pictures: list[Image | None] = [None, None, None]
        if self.visualize:
            pictures[0] = with_points(input_1, one) if isinstance(input_1, Image) else None
            pictures[1] = with_points(input_2, two) if isinstance(input_2, Image) else None
            if isinstance(input_1, Image) and isinstance(input_2, Image):
                pictures[2] = with_pairs(input_1, input_2, (one, two), pairs)
        return Comparison(
            len(pairs) >= self.good_matches_threshold,
            len(pairs),
            one.to_list() if isinstance(input_1, Image) else None,
            one.descriptors,
            two.to_list() if isinstance(input_2, Image) else None,
            two.descriptors,
            *pictures,
        )


def _features(given: Image | npt.NDArray[Any], name: str) -> Features:
    if isinstance(given, Image):
        return find_features(given)
    if given.ndim != 2 or given.dtype.kind not in "fiu":
        raise InvalidValue(f"{name} must be an image or descriptions (k, 128), got {given.dtype} {given.shape}.")
    return Features((), given.astype(np.float32))


UNITS = (SiftComparison,)
