"""How fast objects move."""

from typing import Annotated

import numpy as np
from pydantic import Field

from ocella.types import Detections, Image, Moment
from ocella.workflows.block import Block
from ocella.workflows.tracking.definitions import tracked_example
from ocella.workflows.tracking.memory import BySource, Forgetful, seconds_of, tracks_of

__all__ = ["UNITS"]

_Last = tuple[float, float, float, float, float]


class Velocity(Block):
    """Tell how each tracked object moves from frame to frame, in metres a second: `velocity` (x, y) and `speed`, and both as a
    moving average in which the present weighs `smoothing_alpha`. Without `pixels_per_meter` they are in pixels a second.
    """

    type = "velocity@v1"
    output = "velocity_detections"
    stateful = True
    example = tracked_example({"type": "velocity", "name": "move", "pixels_per_meter": 40}, "velocity_detections")

    smoothing_alpha: Annotated[float, Field(gt=0, le=1)] = 0.5
    pixels_per_meter: Annotated[float, Field(gt=0)] = 1.0

    def setup(self) -> None:
        """No video was seen yet."""
        self._last: BySource[Forgetful[int, _Last | None]] = BySource(lambda: Forgetful(lambda: None))

    def run(self, image: Image | Moment, detections: Detections) -> Detections:
        """Objects with four more columns; those seen for the first time stand still."""
        tracks = tracks_of(detections, "velocity")
        last, now = self._last.of(image), seconds_of(image, self.services)
        boxes = np.asarray(detections.xyxy, np.float64)
        centres = (boxes[:, :2] + boxes[:, 2:]) / 2
        known = [last[track] for track in tracks]
        unknown = (0.0, 0.0, now, 0.0, 0.0)
        before = np.array([unknown if k is None else k for k in known], np.float64).reshape(-1, 5)
        elapsed = (now - before[:, 2])[:, None]
        moved = centres - before[:, :2]
        velocity = np.divide(moved, elapsed, out=np.zeros_like(moved), where=elapsed > 0)
        smooth = self.smoothing_alpha * velocity + (1 - self.smoothing_alpha) * before[:, 3:]
        for track, (x, y), (u, v) in zip(tracks, centres.tolist(), smooth.tolist(), strict=True):
            last[track] = (x, y, now, u, v)
        columns = {
            "velocity": velocity / self.pixels_per_meter,
            "speed": np.hypot(*velocity.T) / self.pixels_per_meter,
            "smoothed_velocity": smooth / self.pixels_per_meter,
            "smoothed_speed": np.hypot(*smooth.T) / self.pixels_per_meter,
        }
        return detections.replace(data={**detections.data, **columns})


UNITS = (Velocity,)
