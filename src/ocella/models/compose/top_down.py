"""A detector's boxes, with keypoints."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ocella.models.card import ModelCard
from ocella.models.compose.joined_card import joined_card
from ocella.models.tasks import Detector, KeypointDetector
from ocella.types import Detections, Image, Ontology

__all__ = ["TopDown"]


class TopDown(KeypointDetector):
    """A detector finds the objects and a pose model that takes boxes points at their parts. `confidence` is the
    detector's, `data["pose_confidence"]` the pose model's. The detector looks for `find`; without it for the classes on
    the pose model's card, or for all that it knows where the card names none.
    """

    def __init__(self, detector: Detector, pose: KeypointDetector, *, find: Ontology | None = None) -> None:
        self.detector, self.pose = detector, pose
        self.find = find or (Ontology.of(*pose.card.classes) if pose.card.classes else None)

    @property
    def card(self) -> ModelCard:
        """Both cards; task and classes are the pose model's."""
        one, two = self.detector.card, self.pose.card
        classes = self.find.names if self.find else self.detector.classes
        return joined_card(
            f"{one.name}+{two.name}", (one, two), task=two.task, classes=classes, vocabulary="", open_vocabulary=False
        )

    def predict(
        self,
        images: Sequence[Image],
        boxes: Sequence[npt.NDArray[np.float32]] | None = None,
        *,
        threshold: float | None = None,
    ) -> list[Detections]:
        """Detections that carry keypoints; with `boxes` the pose model's own for these."""
        if boxes is not None:
            return self.pose.predict(images, boxes, threshold=threshold)
        found = self.detector.predict(images, self.find, threshold=threshold)
        posed = self.pose.predict(images, [f.xyxy for f in found], threshold=0.0)
        return [_with_points(f, p) for f, p in zip(found, posed, strict=True)]


def _with_points(found: Detections, posed: Detections) -> Detections:
    data = {**found.data, "pose_confidence": posed.confidence}
    return found.replace(keypoints=posed.keypoints, data=data)
