"""Classes that do not flicker."""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from ocella.ops.iou import iou
from ocella.types import Detections, Image, Moment
from ocella.workflows.block import Block
from ocella.workflows.kinds import Unit
from ocella.workflows.tracking.definitions import tracked_example
from ocella.workflows.tracking.memory import BySource, tracks_of

__all__ = ["UNITS"]

Count = Annotated[int, Field(ge=1)]


class _Track:
    """Votes for classes and the sum of their confidence; the class it is locked to, and the one that challenges it."""

    def __init__(self) -> None:
        self.votes: Counter[str] = Counter()
        self.sums: dict[str, float] = {}
        self.locked: str | None = None
        self.challenger: str | None = None
        self.streak, self.streak_sum = 0, 0.0
        self.seen = 0
        self.box: Any = None

    def vote(self, name: str, confidence: float, needed: int, lead: int) -> None:
        """One more vote, and the lock once a class leads clearly."""
        self.votes[name] += 1
        self.sums[name] = self.sums.get(name, 0.0) + confidence
        ranked = self.votes.most_common(2)
        second = ranked[1][1] if len(ranked) > 1 else 0
        if ranked[0][1] >= needed and ranked[0][1] - second >= lead:
            self.locked = ranked[0][0]

    def challenge(self, name: str, confidence: float, needed: int) -> None:
        """Another class than the locked one; it wins after so many in a row."""
        if name != self.challenger:
            self.challenger, self.streak, self.streak_sum = name, 0, 0.0
        self.streak += 1
        self.streak_sum += confidence
        if self.streak >= needed:
            self.locked = name
            self.votes, self.sums = Counter({name: self.streak}), {name: self.streak_sum}
            self.give_in()

    def give_in(self) -> None:
        """No class challenges the lock any more."""
        self.challenger, self.streak, self.streak_sum = None, 0, 0.0

    @property
    def confidence(self) -> float:
        """The mean of the votes for the locked class."""
        assert self.locked is not None
        return min(1.0, self.sums[self.locked] / self.votes[self.locked])


class _Video:
    """One video's frames and tracks."""

    def __init__(self) -> None:
        self.frame = 0
        self.tracks: dict[int, _Track] = {}


class TrackClassLock(Block):
    """Keep the class of each tracked object from flickering. It is locked to the class that has `min_votes` frames of at least
    `vote_confidence` and `lead_margin` more than any other; `switch_after` such frames of another class in a row change it. A
    new id takes over the lock of one lost at most `reattach_window` frames ago whose box overlaps by `reattach_iou`. Tracks
    unseen for `state_ttl` frames are forgotten. The column `class_locked` tells which are locked.
    """

    type = "track_class_lock@v1"
    output = "tracked_detections"
    stateful = True
    example = tracked_example({"type": "track_class_lock", "name": "lock"}, "tracked_detections")

    min_votes: Count = 10
    vote_confidence: Unit = 0.8
    lead_margin: Annotated[int, Field(ge=0)] = 3
    switch_after: Count = 15
    state_ttl: Count = 300
    reattach_window: Annotated[int, Field(ge=0)] = 30
    reattach_iou: Unit = 0.3

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """A window in which everything is forgotten already."""
        window, life = step.get("reattach_window", cls.reattach_window), step.get("state_ttl", cls.state_ttl)
        if not (isinstance(window, int) and isinstance(life, int) and window > life):
            return []
        return [("reattach_window", f"at most state_ttl ({life})", "Tracks unseen for longer are forgotten.")]

    def setup(self) -> None:
        """No video was seen yet."""
        self._videos: BySource[_Video] = BySource(_Video)

    def run(self, image: Image | Moment, detections: Detections) -> Detections:
        """Objects with the class and confidence they are locked to."""
        ids = tracks_of(detections, "track_class_lock")
        video = self._videos.of(image)
        video.frame += 1
        names, confidence = list(detections.names), detections.confidence.copy()
        locked, present = np.zeros(len(ids), bool), set(ids)
        for row, track in enumerate(ids):
            state = self._state(video, track, detections.xyxy[row], present)
            self._weigh(state, names[row], float(confidence[row]))
            if state.locked is not None:
                names[row], confidence[row], locked[row] = state.locked, state.confidence, True
        stale = [t for t, s in video.tracks.items() if video.frame - s.seen > self.state_ttl]
        for track in stale:
            del video.tracks[track]
        classes = tuple(dict.fromkeys((*detections.classes, *names)))
        return detections.replace(
            confidence=confidence,
            class_id=np.array([classes.index(name) for name in names], np.int64),
            classes=classes,
            data={**detections.data, "class_locked": locked},
        )

    def _state(self, video: _Video, track: int, box: Any, present: set[int]) -> _Track:
        """The votes of a track; a new one may go on with those of one that was lost here."""
        tracks = video.tracks
        if track not in tracks:
            lost = [
                t
                for t, s in tracks.items()
                if t not in present and s.locked is not None and 1 <= video.frame - s.seen <= self.reattach_window
            ]
            overlap = iou(box[None], np.array([tracks[t].box for t in lost], np.float64).reshape(-1, 4))[0]
            best = int(overlap.argmax()) if lost else -1
            taken = best >= 0 and overlap[best] > 0 and overlap[best] >= self.reattach_iou
            tracks[track] = tracks.pop(lost[best]) if taken else _Track()
        state = tracks[track]
        state.seen, state.box = video.frame, box
        return state

    def _weigh(self, state: _Track, name: str, confidence: float) -> None:
        counts = confidence >= np.float32(self.vote_confidence)
        if state.locked is None:
            if counts:
                state.vote(name, confidence, self.min_votes, self.lead_margin)
        elif counts and name != state.locked:
            state.challenge(name, confidence, self.switch_after)
        else:
            state.give_in()


UNITS = (TrackClassLock,)
