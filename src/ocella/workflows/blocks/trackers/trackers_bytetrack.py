"""Tracking with ByteTrack."""

from ocella.workflows.kinds import Unit
from ocella.workflows.tracking.byte import Byte, ByteSettings
from ocella.workflows.tracking.definitions import tracking_example
from ocella.workflows.tracking.step import Count, TrackerBlock
from ocella.workflows.tracking.tracker import Tracker

__all__ = ["UNITS"]


class TrackersByteTrack(TrackerBlock):
    """Track objects with ByteTrack, good for most scenes: boxes from `high_conf_det_threshold` on are matched first, the others
    after. An object has an id once it was seen `minimum_consecutive_frames` times in a row, and loses it when unseen for
    `lost_track_buffer` frames, counted at 30 a second.
    """

    type = "trackers_bytetrack@v1"
    example = tracking_example("trackers_bytetrack")

    minimum_iou_threshold: Unit = 0.1
    minimum_consecutive_frames: Count = 2
    track_activation_threshold: Unit = 0.7
    high_conf_det_threshold: Unit = 0.6

    def tracker(self, settings: ByteSettings) -> Tracker:
        """A new one."""
        return Byte(settings)

    def settings(self, patience: int) -> ByteSettings:
        """The fields as they are now."""
        return ByteSettings(
            patience,
            self.minimum_consecutive_frames,
            self.minimum_iou_threshold,
            self.track_activation_threshold,
            self.high_conf_det_threshold,
        )


UNITS = (TrackersByteTrack,)
