"""The tracks that a tracker holds, a row each."""

import numpy as np
import numpy.typing as npt

from ocella.workflows.tracking.motion import Motion

__all__ = ["Tracks"]

Flags = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.int64]


class Tracks:
    """`id` is -1 until a track has one; `idle` counts updates and `lost` frames since it was last seen; `hits` counts how often
    it was seen, `streak` how often in a row; `life` are the updates from its first to its last sight.
    """

    _COLUMNS = ("id", "idle", "lost", "hits", "streak", "life")

    def __init__(self, motion: Motion, first_id: int = 0) -> None:
        self.motion = motion
        self.id, self.idle, self.lost, self.hits, self.streak, self.life = (np.zeros(0, np.int64) for _ in range(6))
        self._next = first_id

    def __len__(self) -> int:
        return len(self.id)

    def step(self, frames: int, patience: int) -> None:
        """`frames` on; those that were lost before and for longer than `patience` are forgotten."""
        self.streak[self.idle > 0] = 0
        self.motion.unseen(self.idle > 0)
        for _ in range(min(frames, patience + 1)):
            self.motion.predict()
        self.idle += 1
        self.lost += frames

    def long_lost(self, patience: int) -> Flags:
        """Those that frames which never came here had ended."""
        return (self.idle > 1) & (self.lost - 1 > patience)

    def see(self, rows: Indices, xyxy: npt.NDArray[np.floating]) -> None:
        """Tracks that are at these boxes now."""
        if len(rows):
            self.motion.measure(rows, np.asarray(xyxy, np.float64))
            self.life[rows] += self.idle[rows]
            self.idle[rows] = self.lost[rows] = 0
            self.hits[rows] += 1
            self.streak[rows] += 1

    def add(self, xyxy: npt.NDArray[np.floating], streak: int = 1) -> Indices:
        """New tracks without an id; their rows."""
        n, old = len(xyxy), len(self)
        self.motion.add(np.asarray(xyxy, np.float64))
        new = {"id": -1, "hits": 1, "streak": streak}
        for name in self._COLUMNS:
            more = np.full(n, new.get(name, 0), np.int64)
            setattr(self, name, np.concatenate([getattr(self, name), more]))
        return np.arange(old, old + n)

    def keep(self, rows: Flags) -> None:
        """Forget the others."""
        if not rows.all():
            self.motion.keep(rows)
            for name in self._COLUMNS:
                setattr(self, name, getattr(self, name)[rows])

    def name(self, rows: Indices) -> None:
        """Give those without an id the next ones."""
        nameless = rows[self.id[rows] < 0]
        self.id[nameless] = np.arange(self._next, self._next + len(nameless))
        self._next += len(nameless)
