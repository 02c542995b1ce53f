"""When objects came and went."""

from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from ocella.types import Detections, Image, Moment
from ocella.workflows.block import Block
from ocella.workflows.tracking.definitions import tracked_example
from ocella.workflows.tracking.memory import BySource, moment_of, tracks_of

__all__ = ["UNITS"]

Count = Annotated[int, Field(ge=1)]


class Log(NamedTuple):
    """Objects by id, those seen often enough (`logged`) and the others (`pending`), how many of each there are, and the logged
    ones that have gone.
    """

    event_log: dict[str, Any]
    detections: Detections
    total_logged: int
    total_pending: int
    complete_events: dict[str, Any]


@dataclass
class _Event:
    """One object: timestamps in seconds since 1970, relative ones since the first frame."""

    tracker_id: int
    class_name: str
    first_seen_frame: int
    first_seen_timestamp: float
    last_seen_frame: int
    last_seen_timestamp: float
    first_seen_relative: float
    last_seen_relative: float
    frame_count: int = 1


class _Video:
    """One video's frames and objects so far."""

    def __init__(self) -> None:
        self.frame, self.cleaned = 0, 1
        self.start: float | None = None
        self.events: dict[int, _Event] = {}


class DetectionEventLog(Block):
    """Keep a log of tracked objects: when each was first and last seen, and in how many frames. It is `logged` once it was seen
    in `frame_threshold` frames. Every `flush_interval` frames those unseen for more than `stale_frames` are taken out; the
    logged ones come out as `complete_events`. `fallback_fps` is the rate of pictures without a time.
    """

    type = "detection_event_log@v1"
    stateful = True
    ignored = frozenset({"reference_timestamp"})
    example = tracked_example({"type": "detection_event_log", "name": "log", "frame_threshold": 5}, "event_log")

    frame_threshold: Count = 30
    flush_interval: Count = 30
    stale_frames: Count = 300
    fallback_fps: Annotated[float, Field(gt=0)] = 1.0

    def setup(self) -> None:
        """No video was seen yet."""
        self._videos: BySource[_Video] = BySource(_Video, 100)

    def run(self, image: Image | Moment, detections: Detections) -> Log:
        """The log with this frame."""
        tracks = tracks_of(detections, "detection_event_log")
        video = self._videos.of(image)
        video.frame += 1
        gone = self._take_out(video)
        taken_at, relative = self._times(video, moment_of(image))
        for track, name in zip(tracks, detections.names, strict=True):
            event = video.events.get(track)
            if event is None:
                frame = video.frame
                video.events[track] = _Event(track, name, frame, taken_at, frame, taken_at, relative, relative)
            else:
                event.last_seen_frame, event.last_seen_timestamp = video.frame, taken_at
                event.last_seen_relative = relative
                event.frame_count += 1
        known = [(self._is_logged(event), event) for event in video.events.values()]
        logged = {str(e.tracker_id): vars(e).copy() for is_logged, e in known if is_logged}
        pending = {str(e.tracker_id): vars(e).copy() for is_logged, e in known if not is_logged}
        log = {"logged": logged, "pending": pending}
        return Log(log, detections, len(logged), len(pending), {str(e.tracker_id): vars(e).copy() for e in gone})

    def _is_logged(self, event: _Event) -> bool:
        return event.frame_count >= self.frame_threshold

    def _take_out(self, video: _Video) -> list[_Event]:
        """From time to time, objects that have gone; those of them that are logged."""
        if video.frame - video.cleaned < self.flush_interval:
            return []
        video.cleaned = video.frame
        stale = [e for e in video.events.values() if video.frame - e.last_seen_frame > self.stale_frames]
        for event in stale:
            del video.events[event.tracker_id]
        return [event for event in stale if self._is_logged(event)]

    def _times(self, video: _Video, moment: Moment | None) -> tuple[float, float]:
        """This frame's time since 1970 and since the first frame."""
        known = moment is not None and moment.taken_at > 0
        taken_at = moment.taken_at if moment is not None and known else self.services.now().timestamp()
        if moment is None:
            return taken_at, (video.frame - 1) / self.fallback_fps
        if video.start is None:
            video.start = moment.seconds
        return taken_at, moment.seconds - video.start


UNITS = (DetectionEventLog,)
