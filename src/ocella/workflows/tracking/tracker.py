"""What every tracker does."""

import math
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.types import Image
from ocella.workflows.tracking.tracks import Tracks

__all__ = ["Tracker", "none_of", "patience"]

Boxes = npt.NDArray[np.floating]
Indices = npt.NDArray[np.int64]


class Tracker(ABC):
    """Gives the same id to the same object in frame after frame."""

    tracks: Tracks
    settings: Any

    @abstractmethod
    def update(self, xyxy: Boxes, confidence: Boxes, frames: int = 1, image: Image | None = None) -> Indices:
        """The id of each box (n,), -1 where it has none (yet); `frames` since the last update."""


def patience(buffer: int, fps: float) -> int:
    """Frames that a track may stay unseen, where `buffer` counts them at 30 frames a second."""
    return max(1, math.ceil(fps / 30 * buffer)) if buffer > 0 else 0


def none_of(n: int) -> Indices:
    """No ids."""
    return np.full(n, -1, np.int64)
