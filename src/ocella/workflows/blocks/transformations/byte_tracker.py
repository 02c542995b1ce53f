"""Tracking with the first ByteTrack."""

from typing import Any

from ocella.workflows.kinds import Unit
from ocella.workflows.tracking.cascade import Cascade, CascadeSettings
from ocella.workflows.tracking.definitions import metadata_as_image, tracking_example
from ocella.workflows.tracking.motion import CentreHeight
from ocella.workflows.tracking.step import Count, TrackerBlock
from ocella.workflows.tracking.tracker import Tracker

__all__ = ["UNITS"]

_STEP_TO_START = 0.1


class ByteTracker(TrackerBlock):
    """Track objects with ByteTrack as it was first made, for definitions that hold it; new ones take trackers_bytetrack. Pairs
    whose overlap times confidence is below 1 - `minimum_matching_threshold` are not matched.
    """

    type = "byte_tracker@v3"
    aliases = ("ByteTracker",)
    ignored = frozenset({"frame_rate"})
    example = tracking_example("byte_tracker")

    track_activation_threshold: Unit = 0.25
    minimum_matching_threshold: Unit = 0.8
    minimum_consecutive_frames: Count = 1

    @classmethod
    def upgrade(cls, step: dict[str, Any], version: int) -> dict[str, Any]:
        """Version 1 has the metadata of the video, and its objects are called predictions."""
        if version > 1:
            return step
        named = {"detections" if k == "predictions" else k: v for k, v in step.items()}
        return metadata_as_image(named)

    def tracker(self, settings: CascadeSettings) -> Tracker:
        """A new one."""
        return Cascade(settings, CentreHeight(), first_id=1)

    def settings(self, patience: int) -> CascadeSettings:
        """The fields as they are now."""
        return CascadeSettings(
            patience,
            max(self.minimum_consecutive_frames, 2),
            1 - self.minimum_matching_threshold,
            0.5,
            0.3,
            self.track_activation_threshold,
            self.track_activation_threshold + _STEP_TO_START,
            at_start=self.minimum_consecutive_frames == 1,
            gate=True,
            twins=True,
        )


UNITS = (ByteTracker,)
