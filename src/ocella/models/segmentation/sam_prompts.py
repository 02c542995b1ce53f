"""What a promptable segmenter is asked for: a box, points or both of each object in an image."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue, Mismatch
from ocella.models.batches import batches
from ocella.types import Image
from ocella.types.arrays import as_array

__all__ = ["ObjectPrompts", "PromptGroup", "prompts_of"]

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class PromptGroup:
    """Objects (numbers `rows`) with equally many prompts, so that none is padded: `boxes` (m, 4), `xy` (m, k, 2) and
    `labels` (m, k) in absolute pixels; what they do not have is None.
    """

    rows: tuple[int, ...]
    boxes: Floats | None
    xy: Floats | None
    labels: npt.NDArray[np.int64] | None

    @property
    def is_ambiguous(self) -> bool:
        """Whether a single point is all there is, which may mean a thing, its part or what it belongs to."""
        return self.boxes is None and self.labels is not None and self.labels.shape[1] == 1


@dataclass(frozen=True, eq=False)
class ObjectPrompts:
    """Prompts of the n objects of one image: `boxes` (n, 4) and `points` (n, k, 3), which are x, y and 1 for on the
    object, 0 for not on it, -1 for no point.
    """

    boxes: Floats | None
    points: Floats | None

    def __post_init__(self) -> None:
        if self.boxes is not None:
            object.__setattr__(self, "boxes", as_array("boxes", self.boxes, np.float32, (None, 4)))
        if self.points is not None:
            object.__setattr__(self, "points", as_array("points", self.points, np.float32, (None, None, 3)))
            self._check_points(self.points)

    def __len__(self) -> int:
        given = self.points if self.boxes is None else self.boxes
        return 0 if given is None else len(given)

    def groups(self, most: int) -> Iterator[PromptGroup]:
        """All objects in groups of at most `most`."""
        counts = np.zeros(len(self), np.int64) if self.points is None else (self.points[..., 2] >= 0).sum(axis=1)
        for count in np.unique(counts):
            for rows in batches(np.flatnonzero(counts == count).tolist(), most):
                yield self._group(list(rows), int(count))

    def _group(self, rows: list[int], count: int) -> PromptGroup:
        boxes = None if self.boxes is None else self.boxes[rows]
        if self.points is None or not count:
            return PromptGroup(tuple(rows), boxes, None, None)
        chosen = self.points[rows]
        kept = chosen[chosen[..., 2] >= 0].reshape(len(rows), count, 3)
        return PromptGroup(tuple(rows), boxes, kept[..., :2], kept[..., 2].astype(np.int64))

    def _check_points(self, points: Floats) -> None:
        wrong = points[..., 2][~np.isin(points[..., 2], (-1, 0, 1))]
        if wrong.size:
            raise InvalidValue(
                f"The third number of a point must be 1 (on the object), 0 (not on it) or -1 (no point), got {wrong[0]}."
            )
        if self.boxes is None and (points[..., 2] < 0).all(axis=1).any():
            row = int(np.flatnonzero((points[..., 2] < 0).all(axis=1))[0])
            raise InvalidValue(f"Object {row} must have a point or a box, but has neither.")
        if self.boxes is not None and len(self.boxes) != len(points):
            raise Mismatch(
                f"Boxes and points of an image must be of the same objects, got {len(self.boxes)} and {len(points)}."
            )


def prompts_of(
    images: Sequence[Image], boxes: Sequence[Floats] | None, points: Sequence[Floats] | None
) -> list[ObjectPrompts]:
    """The prompts of each image; raises InvalidValue where there are none, Mismatch where they are not one an image."""
    if boxes is None and points is None:
        raise InvalidValue("A promptable segmenter takes boxes or points, got neither. Give it a detector's boxes.")
    for name, given in (("boxes", boxes), ("points", points)):
        if given is not None and len(given) != len(images):
            raise Mismatch(f"{name} must be one array an image, got {len(given)} for {len(images)} images.")
    return [
        ObjectPrompts(None if boxes is None else boxes[i], None if points is None else points[i])
        for i in range(len(images))
    ]
