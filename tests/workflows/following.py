"""Frames of a video and the objects in them, for steps that follow objects."""

from collections.abc import Mapping, Sequence

import numpy as np

from ocella.types import Detections, Image, Moment

BLACK = np.zeros((4, 4, 3), np.uint8)


def frame(index: int, fps: float = 10.0, source: str = "cam", *, seconds: float | None = None) -> Image:
    """A small black picture of that moment."""
    return Image(BLACK, moment=Moment(source, index, index / fps if seconds is None else seconds, fps))


def tracked(
    boxes: Mapping[int, Sequence[float]],
    names: Sequence[str] | None = None,
    classes: Sequence[str] = ("car", "person"),
    confidence: float = 0.9,
) -> Detections:
    """Objects with these boxes by their track; all of the first class unless `names` says otherwise."""
    n = len(boxes)
    ids = [list(classes).index(name) for name in names or [classes[0]] * n]
    return Detections(
        np.array(list(boxes.values()), np.float32).reshape(-1, 4),
        np.full(n, confidence, np.float32),
        np.array(ids, np.int64),
        tuple(classes),
        track_id=np.array(list(boxes), np.int64),
    )


def around(x: float, y: float, half: float = 5) -> list[float]:
    """A square box with its centre there."""
    return [x - half, y - half, x + half, y + half]
