"""Scenes of moving boxes, and the ids that published trackers give them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from tests.workflows.following import frame
from tests.workflows.running import Step

from ocella.types import Detections

__all__ = ["PUBLISHED", "SCENES", "followed", "of_rows", "reported"]

_GOLDEN = json.loads((Path(__file__).parent / "golden" / "ids.json").read_text())
SCENES = [[np.array(rows, np.float32).reshape(-1, 5) for rows in scene] for scene in _GOLDEN["scenes"]]
"""Frames of rows x1, y1, x2, y2, confidence."""
PUBLISHED: dict[str, list[list[list[int]]]] = _GOLDEN["ids"]
"""By tracker and scene: the id of each row of each frame, -1 where it has none."""


def of_rows(rows: np.ndarray) -> Detections:
    """Objects of one class."""
    return Detections(rows[:, :4], rows[:, 4], np.zeros(len(rows), np.int64), ("box",))


def followed(family: str, scene: int, fps: float = 30.0, **fields: Any) -> list[list[int]]:
    """Ids that a step reports for a scene, frame by frame."""
    with Step(family, **fields) as step:
        outs = [
            step.run(image=frame(i, fps), detections=of_rows(rows))["tracked_detections"]
            for i, rows in enumerate(SCENES[scene])
        ]
    return [out.track_id.tolist() for out in outs]


def reported(name: str, scene: int) -> list[list[int]]:
    """Ids that a published tracker reports."""
    return [[track for track in ids if track >= 0] for ids in PUBLISHED[name][scene]]
