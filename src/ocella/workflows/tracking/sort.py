"""SORT: one round of matching by overlap (Bewley et al. 2016)."""

from dataclasses import dataclass

from ocella.ops.iou import iou
from ocella.types import Image
from ocella.workflows.tracking.assignment import best_pairs
from ocella.workflows.tracking.motion import Corners
from ocella.workflows.tracking.tracker import Boxes, Indices, Tracker, none_of
from ocella.workflows.tracking.tracks import Tracks

__all__ = ["Sort", "SortSettings"]


@dataclass(frozen=True)
class SortSettings:
    """A track gets an id when it was seen `confirm` times, and ends when it is unseen for more than `patience` frames."""

    patience: int
    confirm: int
    overlap: float
    activation: float


class Sort(Tracker):
    """One round of matching by overlap."""

    def __init__(self, settings: SortSettings) -> None:
        self.settings, self.tracks = settings, Tracks(Corners())

    def update(self, xyxy: Boxes, confidence: Boxes, frames: int = 1, image: Image | None = None) -> Indices:
        """See Tracker."""
        del image
        tracks, s = self.tracks, self.settings
        ids = none_of(len(xyxy))
        tracks.step(frames, s.patience)
        tracks.keep(~tracks.long_lost(s.patience))
        rows, columns = best_pairs(iou(tracks.motion.boxes, xyxy), s.overlap)
        tracks.see(rows, xyxy[columns])
        ready = tracks.hits[rows] >= s.confirm
        tracks.name(rows[ready])
        ids[columns[ready]] = tracks.id[rows[ready]]
        free = confidence >= s.activation
        free[columns] = False
        tracks.add(xyxy[free])
        tracks.keep((tracks.lost <= s.patience) & ((tracks.hits >= s.confirm) | (tracks.idle == 0)))
        return ids
