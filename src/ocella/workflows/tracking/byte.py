"""ByteTrack: sure boxes are matched first, unsure ones after (Zhang et al. 2022)."""

from dataclasses import dataclass

import numpy as np

from ocella.ops.iou import iou
from ocella.types import Image
from ocella.workflows.tracking.assignment import best_pairs
from ocella.workflows.tracking.motion import Corners
from ocella.workflows.tracking.tracker import Boxes, Indices, Tracker, none_of
from ocella.workflows.tracking.tracks import Tracks

__all__ = ["Byte", "ByteSettings"]


@dataclass(frozen=True)
class ByteSettings:
    """A track gets an id when it was seen in `confirm` updates in a row, and ends when it is unseen for more than `patience`
    frames. Boxes from `sure` on are matched first; from `activation` on they may start a track.
    """

    patience: int
    confirm: int
    overlap: float
    activation: float
    sure: float


class Byte(Tracker):
    """Two rounds of matching by overlap."""

    def __init__(self, settings: ByteSettings) -> None:
        self.settings, self.tracks = settings, Tracks(Corners())

    def update(self, xyxy: Boxes, confidence: Boxes, frames: int = 1, image: Image | None = None) -> Indices:
        """See Tracker."""
        del image
        tracks, s = self.tracks, self.settings
        ids = none_of(len(xyxy))
        tracks.step(frames, s.patience)
        tracks.keep(~tracks.long_lost(s.patience))
        seen = tracks.motion.boxes
        sure = confidence >= s.sure
        free = self._match(np.arange(len(tracks)), np.flatnonzero(sure), seen, xyxy, ids)
        left = np.flatnonzero(tracks.idle > 0)
        self._match(left, np.flatnonzero(~sure), seen, xyxy, ids)
        tracks.add(xyxy[free[confidence[free] >= s.activation]])
        mature = (tracks.id >= 0) | (tracks.streak >= s.confirm)
        tracks.keep((tracks.lost <= s.patience) & (mature | (tracks.idle == 0)))
        return ids

    def _match(self, rows: Indices, found: Indices, seen: Boxes, xyxy: Boxes, ids: Indices) -> Indices:
        """Match these tracks with these boxes; boxes that stay free."""
        tracks = self.tracks
        a, b = best_pairs(iou(seen[rows], xyxy[found]), self.settings.overlap)
        rows, matched = rows[a], found[b]
        tracks.see(rows, xyxy[matched])
        tracks.name(rows[tracks.streak[rows] >= self.settings.confirm])
        ids[matched] = tracks.id[rows]
        return np.delete(found, b)
