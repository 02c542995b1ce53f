"""Boxes that neither shake nor flicker."""

from collections import deque
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ocella.types import Detections, Image, Moment
from ocella.workflows.block import Block
from ocella.workflows.blocks.transformations._objects import joined
from ocella.workflows.kinds import Unit
from ocella.workflows.tracking.definitions import tracked_example
from ocella.workflows.tracking.memory import BySource, tracks_of

__all__ = ["UNITS"]

_DRIFT = 0.001
_BLUR = 0.01


class _Track:
    """The object as it was last, a row of a frame, and where it is; its speed (a frame) by a Kalman filter over the mean of
    the last speeds.
    """

    def __init__(self) -> None:
        self.frame, self.row = Detections.empty(), 0
        self.box = np.zeros(4)
        self.speed: npt.NDArray[np.float64] | None = None
        self.doubt = 1.0
        self.speeds: deque[Any] = deque()

    def see(self, frame: Detections, row: int, box: npt.NDArray[np.float64]) -> None:
        """It is there now."""
        self.frame, self.row, self.box = frame, row, box

    def measure(self, speed: npt.NDArray[np.float64], window: int) -> None:
        """The speed from the last frame to this one."""
        self.speeds.append(speed)
        while len(self.speeds) > window:
            self.speeds.popleft()
        if self.speed is None:
            self.speed = speed
            return
        gain = self.doubt / (self.doubt + _BLUR)
        self.speed = self.speed + gain * (np.mean(self.speeds, axis=0) - self.speed)
        self.doubt *= 1 - gain


class StabilizeDetections(Block):
    """Smooth the boxes of tracked objects: a box is mixed of the present one, by `bbox_smoothing_coefficient`, and the last one.
    An object that is missing goes on at its speed for as many frames as it was seen moving, at most `smoothing_window_size`.
    """

    type = "stabilize_detections@v1"
    output = "tracked_detections"
    stateful = True
    example = tracked_example({"type": "stabilize_detections", "name": "calm"}, "tracked_detections")

    smoothing_window_size: Annotated[int, Field(ge=1)] = 3
    bbox_smoothing_coefficient: Unit = 0.2

    def setup(self) -> None:
        """No video was seen yet."""
        self._videos: BySource[dict[int, _Track]] = BySource(dict)

    def run(self, image: Image | Moment, detections: Detections) -> Detections:
        """The objects of this frame, then those that are missing."""
        ids = tracks_of(detections, "stabilize_detections")
        tracks = self._videos.of(image)
        boxes = np.array(detections.xyxy, np.float64)
        smooth = boxes.copy()
        for row, track in enumerate(ids):
            known = tracks.get(track)
            if known is None:
                known = tracks[track] = _Track()
            else:
                known.measure(_centre(boxes[row]) - _centre(known.box), self.smoothing_window_size)
                smooth[row] = self._mixed(boxes[row], known.box)
            known.see(detections, row, boxes[row])
        ghosts = self._missing(tracks, set(ids))
        present = detections.replace(xyxy=smooth.astype(np.float32))
        here = {"origin": detections.origin, "size_hw": detections.size_hw}
        return joined([present, *(ghost.replace(**here) for ghost in ghosts)]) if ghosts else present

    def _missing(self, tracks: dict[int, _Track], present: set[int]) -> list[Detections]:
        """Objects that are not here, where they would be; those unseen for too long are forgotten."""
        ghosts = []
        for track, known in list(tracks.items()):
            known.doubt += _DRIFT if known.speed is not None else 0
            if track in present:
                continue
            if known.speed is None:
                del tracks[track]
                continue
            known.box = self._mixed(known.box + np.tile(known.speed, 2), known.box)
            ghosts.append(known.frame[known.row].replace(xyxy=known.box[None].astype(np.float32)))
            known.speeds.popleft()
            if not known.speeds:
                known.speed = None
        return ghosts

    def _mixed(self, now: npt.NDArray[np.float64], before: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        share = self.bbox_smoothing_coefficient
        return np.asarray(share * now + (1 - share) * before)


def _centre(box: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray((box[:2] + box[2:]) / 2)


UNITS = (StabilizeDetections,)
