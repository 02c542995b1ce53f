"""OC-SORT: what was seen counts more than what was guessed (Cao et al. 2023)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ocella.ops.iou import iou
from ocella.types import Image
from ocella.workflows.tracking.assignment import assign, best_pairs
from ocella.workflows.tracking.motion import AreaRatio
from ocella.workflows.tracking.tracker import Boxes, Indices, Tracker, none_of
from ocella.workflows.tracking.tracks import Tracks

__all__ = ["OcSettings", "OcSort"]

Rows = npt.NDArray[np.float64]


@dataclass(frozen=True)
class OcSettings:
    """As in ByteSettings; boxes below `sure` are left out. Going on in the direction of the last `window` updates weighs
    `direction` beside the overlap.
    """

    patience: int
    confirm: int
    overlap: float
    sure: float
    direction: float
    window: int


class OcSort(Tracker):
    """Matches by overlap and direction, then by overlap with the box seen last."""

    def __init__(self, settings: OcSettings) -> None:
        self.settings, self.tracks = settings, Tracks(AreaRatio())
        self._past = _Past(settings.window)
        self._updates = 0

    def update(self, xyxy: Boxes, confidence: Boxes, frames: int = 1, image: Image | None = None) -> Indices:
        """See Tracker."""
        del image
        tracks, s = self.tracks, self.settings
        ids = none_of(len(xyxy))
        if not len(tracks) and not len(xyxy):
            return ids
        self._past.freeze(tracks)
        tracks.step(frames, s.patience)
        self._past.age += 1
        self._keep(~tracks.long_lost(s.patience))
        found = np.flatnonzero(confidence >= s.sure)
        overlap = iou(tracks.motion.boxes, xyxy[found])
        weights = overlap
        if s.direction:
            weights = overlap + s.direction * self._past.agreement(xyxy[found]) * confidence[found]
        found = self._match(np.arange(len(tracks)), found, overlap, weights, xyxy, ids)
        left = np.flatnonzero(tracks.idle > 0)
        overlap = iou(self._past.last[left], xyxy[found])
        found = self._match(left, found, overlap, overlap, xyxy, ids)
        tracks.add(xyxy[found], streak=0)
        self._past.add(xyxy[found])
        self._keep(tracks.lost <= s.patience)
        self._updates += 1
        return ids

    def _match(self, rows: Indices, found: Indices, overlap: Rows, weights: Rows, xyxy: Boxes, ids: Indices) -> Indices:
        """Match these tracks with these boxes; boxes that stay free."""
        tracks, s = self.tracks, self.settings
        a, b = best_pairs(overlap, s.overlap) if weights is overlap else assign(weights)
        good = overlap[a, b] >= s.overlap
        rows, matched = rows[a[good]], found[b[good]]
        boxes = np.asarray(xyxy[matched], np.float64)
        self._past.see(rows, boxes, tracks)
        tracks.see(rows, boxes)
        ready = np.full(len(rows), True) if self._updates <= s.confirm else tracks.streak[rows] >= s.confirm
        tracks.name(rows[ready])
        ids[matched[ready]] = tracks.id[rows[ready]]
        return np.delete(found, b[good])

    def _keep(self, rows: npt.NDArray[np.bool_]) -> None:
        if not rows.all():
            self.tracks.keep(rows)
            self._past.keep(rows)


class _Past:
    """What was seen of each track: the last box, boxes of the last `window` updates, the direction (y, x) they tell, and the
    filter as it was when the track was lost.
    """

    def __init__(self, window: int) -> None:
        self.window = window
        self.age: Indices = np.zeros(0, np.int64)
        self.last: Rows = np.zeros((0, 4))
        self.when: Indices = np.zeros((0, window + 1), np.int64)
        self.boxes: Rows = np.zeros((0, window + 1, 4))
        self.heading: Rows = np.zeros((0, 2))
        self.moves: npt.NDArray[np.bool_] = np.zeros(0, bool)
        self.frozen: list[tuple[Rows, ...] | None] = []
        self.frozen_lost: Indices = np.zeros(0, np.int64)

    def freeze(self, tracks: Tracks) -> None:
        """Remember the filters of tracks that were missed for the first time."""
        for row in np.flatnonzero(tracks.idle == 1).tolist():
            self.frozen[row] = tuple(column[row].copy() for column in tracks.motion.state)
            self.frozen_lost[row] = tracks.lost[row]

    def agreement(self, xyxy: Boxes) -> Rows:
        """How well the way to each box (n, m) goes on in the track's direction: 0.5 straight on, -0.5 back."""
        way = _centres(np.asarray(xyxy, np.float64))[None] - _centres(self._before())[:, None]
        way /= np.sqrt((way**2).sum(axis=2, keepdims=True)) + 1e-6
        angle = np.arccos(np.clip((way * self.heading[:, None]).sum(axis=2), -1, 1))
        return np.asarray((np.pi / 2 - angle) / np.pi * self.moves[:, None])

    def see(self, rows: Indices, boxes: Rows, tracks: Tracks) -> None:
        """Before the filters measure: tracks that are at these boxes now."""
        if not len(rows):
            return
        seen = (self.when[rows] > 0).any(axis=1)
        way = _centres(boxes) - _centres(self._before()[rows])
        self.heading[rows[seen]] = (way / (np.sqrt((way**2).sum(axis=1, keepdims=True)) + 1e-6))[seen]
        self.moves[rows[seen]] = True
        for row, box in zip(rows.tolist(), boxes, strict=True):
            if self.frozen[row] is not None:
                self._replay(row, box, tracks)
        slot = self.age[rows] % (self.window + 1)
        self.when[rows, slot], self.boxes[rows, slot], self.last[rows] = self.age[rows], boxes, boxes

    def add(self, xyxy: Boxes) -> None:
        n = len(xyxy)
        if not n:
            return
        self.age = np.concatenate([self.age, np.zeros(n, np.int64)])
        self.last = np.concatenate([self.last, np.asarray(xyxy, np.float64)])
        self.when = np.concatenate([self.when, np.zeros((n, self.window + 1), np.int64)])
        self.boxes = np.concatenate([self.boxes, np.zeros((n, self.window + 1, 4))])
        self.heading = np.concatenate([self.heading, np.zeros((n, 2))])
        self.moves = np.concatenate([self.moves, np.zeros(n, bool)])
        self.frozen += [None] * n
        self.frozen_lost = np.concatenate([self.frozen_lost, np.zeros(n, np.int64)])

    def keep(self, rows: npt.NDArray[np.bool_]) -> None:
        self.age, self.last, self.when, self.boxes = self.age[rows], self.last[rows], self.when[rows], self.boxes[rows]
        self.heading, self.moves, self.frozen_lost = self.heading[rows], self.moves[rows], self.frozen_lost[rows]
        self.frozen = [state for state, stays in zip(self.frozen, rows, strict=True) if stays]

    def _before(self) -> Rows:
        """The box of `window` updates ago, else the next one after that, else the last."""
        ages = self.age[:, None] - np.arange(self.window, 0, -1)
        slots = ages % (self.window + 1)
        known = (np.take_along_axis(self.when, slots, axis=1) == ages) & (ages > 0)
        first = np.take_along_axis(slots, known.argmax(axis=1)[:, None], axis=1)[:, 0] if len(slots) else slots[:, 0]
        older = self.boxes[np.arange(len(first)), first]
        return np.where(known.any(axis=1)[:, None], older, self.last)

    def _replay(self, row: int, box: Rows, tracks: Tracks) -> None:
        """The filter again from where the track was lost, as if it had gone straight to where it is now."""
        state, gap = self.frozen[row], int(tracks.lost[row])
        self.frozen[row] = None
        assert state is not None
        alone = AreaRatio()
        alone.add(box[None])
        for column, saved in zip(alone.state, state, strict=True):
            column[0] = saved
        start, end = (_middles(b) for b in (self.last[row], box))
        for i in range(int(self.frozen_lost[row]), gap + 1):
            if i > self.frozen_lost[row]:
                alone.predict()
            alone.measure(np.array([0]), _corners(start + (end - start) * (i / gap))[None])
        for column, renewed in zip(tracks.motion.state, alone.state, strict=True):
            column[row] = renewed[0]


def _centres(xyxy: Rows) -> Rows:
    """Centres (y, x)."""
    return np.asarray((xyxy[..., [1, 0]] + xyxy[..., [3, 2]]) / 2)


def _middles(box: Rows) -> Rows:
    """Centre and size of one box."""
    return np.concatenate([(box[:2] + box[2:]) / 2, box[2:] - box[:2]])


def _corners(middle: Rows) -> Rows:
    return np.concatenate([middle[:2] - middle[2:] / 2, middle[:2] + middle[2:] / 2])
