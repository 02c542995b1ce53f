"""How far objects stray from a path."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.ops.anchors import Anchor, anchors
from ocella.ops.zones import as_path, frechet_row
from ocella.types import Detections, Image, Moment
from ocella.workflows.block import Block
from ocella.workflows.tracking.definitions import metadata_as_image, tracked_example
from ocella.workflows.tracking.memory import BySource, Forgetful, tracks_of

__all__ = ["UNITS"]


class PathDeviationAnalytics(Block):
    """Tell how far the way of each tracked object so far is from `reference_path`, in pixels, in the column `path_deviation`:
    the discrete Fréchet distance, the longest leash that a walker on each of the two needs.
    """

    type = "path_deviation_analytics@v2"
    output = "path_deviation_detections"
    stateful = True
    example = tracked_example(
        {"type": "path_deviation_analytics", "name": "stray", "reference_path": [[0, 240], [320, 240], [640, 240]]},
        "path_deviation_detections",
    )

    reference_path: list[Any]
    triggering_anchor: Anchor = "CENTER"

    @classmethod
    def upgrade(cls, step: dict[str, Any], version: int) -> dict[str, Any]:
        """Version 1 has the metadata of the video."""
        return metadata_as_image(step) if version < 2 else step

    def setup(self) -> None:
        """No video was seen yet."""
        self._rows: BySource[Forgetful[int, npt.NDArray[np.float64] | None]] = BySource(lambda: Forgetful(lambda: None))

    def run(self, image: Image | Moment, detections: Detections) -> Detections:
        """Objects with their distance; of each way only what the next step needs is kept."""
        tracks = tracks_of(detections, "path_deviation_analytics")
        rows = self._rows.of(image)
        path = as_path(self.reference_path, "reference_path", 2)
        points = anchors(detections, self.triggering_anchor)
        far = np.sqrt(((points[:, None] - path[None]) ** 2).sum(axis=2))
        before = np.full(far.shape, np.inf)
        for i, track in enumerate(tracks):
            row = rows[track]
            if row is not None and len(row) == len(path):
                before[i] = row
        after = frechet_row(before, far)
        for track, row in zip(tracks, after, strict=True):
            rows[track] = row.copy()
        return detections.replace(data={**detections.data, "path_deviation": after[:, -1]})


UNITS = (PathDeviationAnalytics,)
