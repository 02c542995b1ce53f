"""How long objects stay in a zone."""

from typing import Any

import numpy as np

from ocella.ops.anchors import Anchor, anchors
from ocella.ops.zones import as_polygons, inside
from ocella.types import Detections, Image, Moment
from ocella.workflows.block import Block
from ocella.workflows.kinds import Zone
from ocella.workflows.tracking.definitions import metadata_as_image, tracked_example
from ocella.workflows.tracking.memory import BySource, Forgetful, seconds_of, tracks_of

__all__ = ["UNITS"]


class TimeInZone(Block):
    """Tell how many seconds each tracked object has been in a zone (one polygon, or any of several), in the column
    `time_in_zone`. It is in while its `triggering_anchor` is; the time starts anew after it was outside, unless
    `reset_out_of_zone_detections` is off: then it counts from when it first came in.
    """

    type = "time_in_zone@v3"
    output = "timed_detections"
    stateful = True
    example = tracked_example(
        {"type": "time_in_zone", "name": "stay", "zone": [[0, 0], [320, 0], [320, 480], [0, 480]]}, "timed_detections"
    )

    zone: Zone
    triggering_anchor: Anchor = "CENTER"
    remove_out_of_zone_detections: bool = True
    reset_out_of_zone_detections: bool = True

    @classmethod
    def upgrade(cls, step: dict[str, Any], version: int) -> dict[str, Any]:
        """Version 1 has the metadata of the video beside the image."""
        return metadata_as_image(step) if version < 2 else step

    def setup(self) -> None:
        """No video was seen yet."""
        self._entered: BySource[Forgetful[int, float | None]] = BySource(lambda: Forgetful(lambda: None))

    def run(self, image: Image | Moment, detections: Detections) -> Detections:
        """Objects with their time."""
        tracks = tracks_of(detections, "time_in_zone")
        entered, now = self._entered.of(image), seconds_of(image, self.services)
        points = anchors(detections, self.triggering_anchor)
        within = np.zeros(len(tracks), bool)
        for polygon in as_polygons(self.zone, "zone"):
            within |= inside(points, polygon)
        times = np.zeros(len(tracks))
        for row, track in enumerate(tracks):
            if within[row]:
                since = entered[track]
                if since is None:
                    entered[track] = since = now
                times[row] = now - since
            elif self.reset_out_of_zone_detections:
                entered.pop(track)
        timed = detections.replace(data={**detections.data, "time_in_zone": times})
        return timed[within] if self.remove_out_of_zone_detections else timed


UNITS = (TimeInZone,)
