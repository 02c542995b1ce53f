"""BoT-SORT and the first ByteTrack: confirmed tracks are matched first, by overlap times confidence (Aharon et al. 2022)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ocella.ops.iou import iou
from ocella.types import Image
from ocella.workflows.tracking.assignment import best_pairs
from ocella.workflows.tracking.camera import CameraMotion
from ocella.workflows.tracking.motion import CentreSize, Motion
from ocella.workflows.tracking.tracker import Boxes, Indices, Tracker, none_of
from ocella.workflows.tracking.tracks import Tracks

__all__ = ["Cascade", "CascadeSettings"]

_UNSURE = 0.1
_SAME = 0.85


@dataclass(frozen=True)
class CascadeSettings:
    """A track is confirmed and gets an id when it was seen `confirm` times (in the very first update at once, with
    `at_start`), and ends when it is unseen for more than `patience` frames. Boxes from `sure` on are matched first, with
    tracks whose overlap times confidence reaches `first`; the others with those whose overlap reaches `second`; what is left
    of the sure ones with tracks not confirmed yet, from `unconfirmed` on. From `activation` on a box may start a track.
    `gate`: pairs below a threshold are left out before matching. `twins`: of two tracks in one place the younger ends.
    """

    patience: int
    confirm: int
    first: float
    second: float
    unconfirmed: float
    sure: float
    activation: float
    at_start: bool = False
    gate: bool = False
    twins: bool = False


class Cascade(Tracker):
    """Three rounds of matching; `camera` takes out how the camera moved."""

    def __init__(
        self,
        settings: CascadeSettings,
        motion: Motion | None = None,
        camera: CameraMotion | None = None,
        first_id: int = 0,
    ) -> None:
        self.settings, self.camera = settings, camera
        self.tracks = Tracks(motion or CentreSize(), first_id)
        self._updates = 0

    def update(self, xyxy: Boxes, confidence: Boxes, frames: int = 1, image: Image | None = None) -> Indices:
        """See Tracker."""
        tracks, s = self.tracks, self.settings
        self._updates += 1
        ids = none_of(len(xyxy))
        tracks.step(frames, s.patience)
        tracks.keep(~tracks.long_lost(s.patience))
        sure = np.flatnonzero(confidence >= s.sure)
        unsure = np.flatnonzero((confidence > _UNSURE) & (confidence < s.sure))
        if self.camera is not None and image is not None:
            self._follow_camera(image, xyxy[sure])
        lost = tracks.idle > 1
        confirmed = ~lost & ((tracks.id >= 0) | (tracks.hits >= s.confirm))
        doubtful = np.flatnonzero(~lost & ~confirmed)
        overlap = iou(tracks.motion.boxes, xyxy)
        by_score = overlap * np.asarray(confidence, np.float64)
        pool = np.concatenate([np.flatnonzero(confirmed), np.flatnonzero(lost)])
        free = self._match(pool, sure, by_score, s.first, xyxy, ids)
        left = np.flatnonzero(confirmed)
        self._match(left[tracks.idle[left] == 1], unsure, overlap, s.second, xyxy, ids)
        free = self._match(doubtful, free, by_score, s.unconfirmed, xyxy, ids)
        stays = np.full(len(tracks), True)
        stays[doubtful[tracks.idle[doubtful] > 0]] = False
        tracks.keep(stays)
        self._begin(free[confidence[free] >= s.activation], xyxy, ids)
        mature = (tracks.id >= 0) | (tracks.hits >= s.confirm)
        tracks.keep((tracks.lost <= s.patience) & (mature | (tracks.idle == 0)))
        if s.twins:
            self._end_twins(ids)
        return ids

    def _match(
        self,
        rows: Indices,
        found: Indices,
        likeness: npt.NDArray[np.float64],
        at_least: float,
        xyxy: Boxes,
        ids: Indices,
    ) -> Indices:
        """Match these tracks with these boxes; boxes that stay free."""
        tracks = self.tracks
        a, b = best_pairs(likeness[np.ix_(rows, found)], at_least, gate=self.settings.gate)
        rows, matched = rows[a], found[b]
        tracks.see(rows, xyxy[matched])
        tracks.name(rows[tracks.hits[rows] >= self.settings.confirm])
        ids[matched] = tracks.id[rows]
        return np.delete(found, b)

    def _begin(self, found: Indices, xyxy: Boxes, ids: Indices) -> None:
        rows = self.tracks.add(xyxy[found])
        if self._updates == 1 and self.settings.at_start:
            self.tracks.name(rows)
            ids[found] = self.tracks.id[rows]

    def _end_twins(self, ids: Indices) -> None:
        tracks = self.tracks
        here, gone = np.flatnonzero(tracks.idle == 0), np.flatnonzero(tracks.idle > 0)
        a, b = np.nonzero(iou(tracks.motion.boxes[here], tracks.motion.boxes[gone]) > _SAME)
        older = tracks.life[here[a]] > tracks.life[gone[b]]
        ends = np.concatenate([gone[b[older]], here[a[~older]]])
        ids[np.isin(ids, tracks.id[ends][tracks.id[ends] >= 0])] = -1
        stays = np.full(len(tracks), True)
        stays[ends] = False
        tracks.keep(stays)

    def _follow_camera(self, image: Image, xyxy: Boxes) -> None:
        """Move the centres as the picture moved."""
        assert self.camera is not None
        affine = self.camera.estimate(image, xyxy)
        turn, shift = affine[:, :2], affine[:, 2]
        motion = self.tracks.motion
        motion.place[:, :2] = motion.place[:, :2] @ turn.T + shift
        motion.speed[:, :2] = motion.speed[:, :2] @ turn.T
        for variance in (motion.var_place, motion.var_both, motion.var_speed):
            variance[:, :2] = variance[:, :2] @ (turn**2).T
