"""Where something moves in a video."""

import json
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ocella.errors import InvalidValue
from ocella.types import Detections, Image
from ocella.workflows.block import Block, source_of
from ocella.workflows.kinds import Is, Objects

__all__ = ["UNITS"]

Outline = npt.NDArray[np.int32]


class Motion(NamedTuple):
    """Whether something moves; whether it began with this frame; its boxes; its outlines as lists of points."""

    motion: bool
    alarm: bool
    detections: Objects
    motion_zones: list[Any]


@dataclass
class _Video:
    """What is known of one video."""

    background: Any
    frames: int = 0
    moving: bool = False


class MotionDetection(Block):
    """Compare each frame with the last `history` frames of its video (MOG2) and give the areas, larger than
    `minimum_contour_area` square pixels, that changed. With `detection_zone`, a polygon, only what is inside counts.
    Nothing is told before the first `history` frames unless `suppress_first_detections` is off.
    """

    type = "motion_detection@v1"
    stateful = True
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [{"type": "motion_detection", "name": "motion", "image": "$inputs.image"}],
        "outputs": [
            {"type": "JsonField", "name": "alarm", "selector": "$steps.motion.alarm"},
            {"type": "JsonField", "name": "where", "selector": "$steps.motion.detections"},
        ],
    }

    minimum_contour_area: Annotated[int, Field(ge=0)] = 200
    morphological_kernel_size: Annotated[int, Field(ge=1)] = 3
    threshold: Annotated[int, Field(ge=1)] = 16
    history: Annotated[int, Field(ge=1)] = 30
    detection_zone: Annotated[list[Any] | str | None, Is("zone")] = None
    suppress_first_detections: bool = True

    def setup(self) -> None:
        """Knows no video yet."""
        self._videos: dict[str, _Video] = {}

    def run(self, image: Image) -> Motion:
        """What moved since the frames before; this frame is learned."""
        import cv2

        zone = _points_of(self.detection_zone)
        source = source_of(image)
        if source not in self._videos:
            self._videos[source] = _Video(cv2.createBackgroundSubtractorMOG2(self.history, self.threshold, True))
        video = self._videos[source]
        mask = np.asarray(video.background.apply(image.pixels), np.uint8)
        video.frames += 1
        if self.suppress_first_detections and video.frames <= self.history:
            return Motion(False, False, _boxes([]).on(image), [])
        outlines = self._outlines(mask, zone)
        alarm = bool(outlines) and not video.moving
        video.moving = bool(outlines)
        simple = [s for s in map(_simplified, outlines) if len(s) >= 3]
        return Motion(video.moving, alarm, _boxes(simple).on(image), [s.reshape(-1, 2).tolist() for s in simple])

    def _outlines(self, mask: npt.NDArray[np.uint8], zone: Outline | None) -> list[Outline]:
        import cv2

        size = (self.morphological_kernel_size, self.morphological_kernel_size)
        opened = cv2.morphologyEx(mask, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, size))
        found, _ = cv2.findContours(opened, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        large = [c for c in found if len(c) > 2 and cv2.contourArea(c) > self.minimum_contour_area]
        return large if zone is None else [part for c in large for part in _within(c, zone, mask.shape)]


def _points_of(zone: list[Any] | str | None) -> Outline | None:
    """The polygon's corners (n, 2); None where there is none."""
    try:
        points = np.asarray(json.loads(zone) if isinstance(zone, str) and zone.strip() else zone or [], np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidValue(f"detection_zone must be like [[x1, y1], [x2, y2], [x3, y3]], got {zone!r}.") from error
    if not points.size:
        return None
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < 3:
        raise InvalidValue(f"detection_zone must be at least 3 points [x, y], got {zone!r}.")
    return np.rint(points).astype(np.int32)


def _within(outline: Outline, zone: Outline, size_hw: tuple[int, ...]) -> list[Outline]:
    """Outlines of what an outline and the zone have in common."""
    import cv2

    both = np.zeros((2, *size_hw[:2]), np.uint8)
    cv2.fillPoly(both[0], [outline], 1)
    cv2.fillPoly(both[1], [zone], 1)
    parts, _ = cv2.findContours(both[0] & both[1], cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return [np.asarray(p) for p in parts if len(p) > 2]


def _simplified(outline: Outline) -> Outline:
    """The outline with fewer points, none further away than 1 % of its length."""
    import cv2

    return np.asarray(cv2.approxPolyDP(outline, 0.01 * cv2.arcLength(outline, True), True))


def _boxes(outlines: list[Outline]) -> Detections:
    points = [o.reshape(-1, 2) for o in outlines]
    xyxy = [[*p.min(axis=0), *(p.max(axis=0) + 1)] for p in points]
    count = len(xyxy)
    return Detections(
        np.array(xyxy, np.float32).reshape(-1, 4), np.ones(count, np.float32), np.zeros(count, np.int64), ("motion",)
    )


UNITS = (MotionDetection,)
