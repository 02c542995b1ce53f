"""Pose models that look at one person in a box at a time."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ocella.errors import Mismatch
from ocella.models.batches import batches
from ocella.models.detection.pose_crops import Crop, crop_of
from ocella.models.tasks import KeypointDetector
from ocella.ops.boxes import clip
from ocella.types import Detections, Image, Keypoints, Skeleton

__all__ = ["Person", "PoseInBoxes"]

Floats = npt.NDArray[np.float32]

_VISIBLE = 0.3


@dataclass(frozen=True)
class Person:
    """Number of the image that a crop is of, and the crop."""

    image: int
    crop: Crop


class PoseInBoxes(KeypointDetector):
    """Looks into boxes, `batch` of them at once, and gives them back with points and with the mean of the points'
    confidences. All of them are given where no threshold is asked for, row by row those that came in.
    """

    batch: int = 1
    _skeleton: Skeleton
    _input_hw: tuple[int, int]

    def predict(
        self,
        images: Sequence[Image],
        boxes: Sequence[npt.NDArray[np.float32]] | None = None,
        *,
        threshold: float | None = None,
    ) -> list[Detections]:
        """People with their points; points below 0.3 count as not visible. Raises Mismatch where the boxes are not one
        array an image.
        """
        asked = (
            [_whole(i) for i in images] if boxes is None else [np.asarray(b, np.float32).reshape(-1, 4) for b in boxes]
        )
        if len(asked) != len(images):
            raise Mismatch(f"boxes must be one array for each of the {len(images)} images, got {len(asked)}.")
        people = [Person(i, crop_of(box, self._input_hw)) for i, rows in enumerate(asked) for box in rows]
        found = [np.zeros((0, len(self._skeleton.names), 3), np.float32)]
        found += [self._points(images, chunk) for chunk in batches(people, self.batch)]
        parts = np.split(np.concatenate(found), np.cumsum([len(rows) for rows in asked])[:-1]) if images else []
        results = [self._detections(*row) for row in zip(images, asked, parts, strict=True)]
        floor = self.card.threshold if threshold is None else threshold
        return [r[r.confidence >= floor] for r in results]

    @abstractmethod
    def _points(self, images: Sequence[Image], people: Sequence[Person]) -> Floats:
        """x, y and confidence (people, k, 3) in the pixels of each one's image."""

    def _detections(self, image: Image, boxes: Floats, points: Floats) -> Detections:
        """Of one image. A point outside of it, where a box is cut off, is put on its border."""
        inside = np.clip(points[..., :2], 0, np.array([image.width, image.height], np.float32))
        confidence = points[..., 2].clip(0, 1)
        keypoints = Keypoints(inside, confidence, confidence >= _VISIBLE, self._skeleton)
        mean = confidence.mean(axis=1) if points.size else np.zeros(len(boxes), np.float32)
        class_id = np.zeros(len(boxes), np.int64)
        return Detections(clip(boxes, image.size_hw), mean, class_id, ("person",), keypoints=keypoints)


def _whole(image: Image) -> Floats:
    return np.array([[0, 0, image.width, image.height]], np.float32)
