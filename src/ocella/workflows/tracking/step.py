"""What the steps of all trackers share."""

from abc import abstractmethod
from typing import Annotated, Any, NamedTuple

import numpy as np
from pydantic import Field

from ocella.types import Detections, Image, Moment
from ocella.workflows.block import Block
from ocella.workflows.tracking.memory import BySource, Frames, Seen, moment_of
from ocella.workflows.tracking.tracker import Tracker, patience

__all__ = ["Count", "Tracked", "TrackerBlock"]

Count = Annotated[int, Field(ge=1)]

_USUAL_FPS = 30.0


class Tracked(NamedTuple):
    """Objects with ids; of these the ones whose id is new, and the others."""

    tracked_detections: Detections
    new_instances: Detections
    already_seen_instances: Detections


class _Video:
    """A tracker and what it has shown."""

    def __init__(self, tracker: Tracker, seen: int) -> None:
        self.tracker, self.seen, self.frames = tracker, Seen(seen), Frames()


class TrackerBlock(Block):
    """Gives each object an id that stays; one tracker for each video source."""

    stateful = True

    lost_track_buffer: Annotated[int, Field(ge=0)] = 30
    instances_cache_size: Count = 16384

    @abstractmethod
    def tracker(self, settings: Any) -> Tracker:
        """A new tracker."""

    @abstractmethod
    def settings(self, patience: int) -> Any:
        """The fields as they are now, for a tracker that waits `patience` frames for what it lost."""

    def setup(self) -> None:
        """No video was seen yet."""
        self._videos: BySource[_Video] = BySource(self._begin)

    def run(self, image: Image | Moment, detections: Detections) -> Tracked:
        """Objects with an id, in their order; those that have none yet are left out."""
        video, moment = self._videos.of(image), moment_of(image)
        fps = moment.fps if moment is not None and moment.fps > 0 else _USUAL_FPS
        video.tracker.settings = self.settings(patience(self.lost_track_buffer, fps))
        ids = video.tracker.update(
            detections.xyxy,
            detections.confidence,
            video.frames.since_last(moment),
            image if isinstance(image, Image) else None,
        )
        rows = np.flatnonzero(ids >= 0)
        new = np.array([video.seen.enter(track) for track in ids[rows].tolist()], bool)
        tracked = detections[rows].replace(track_id=ids[rows])
        return Tracked(tracked, tracked[new], tracked[~new])

    def _begin(self) -> _Video:
        return _Video(self.tracker(self.settings(self.lost_track_buffer)), self.instances_cache_size)
