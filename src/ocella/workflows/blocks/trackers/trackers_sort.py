"""Tracking with SORT."""

from ocella.workflows.kinds import Unit
from ocella.workflows.tracking.definitions import tracking_example
from ocella.workflows.tracking.sort import Sort, SortSettings
from ocella.workflows.tracking.step import Count, TrackerBlock
from ocella.workflows.tracking.tracker import Tracker

__all__ = ["UNITS"]


class TrackersSort(TrackerBlock):
    """Track objects with SORT: quick, for objects in plain sight. An object has an id once it was seen
    `minimum_consecutive_frames` times, and loses it when unseen for `lost_track_buffer` frames, counted at 30 a second.
    """

    type = "trackers_sort@v1"
    example = tracking_example("trackers_sort")

    minimum_iou_threshold: Unit = 0.3
    minimum_consecutive_frames: Count = 3
    track_activation_threshold: Unit = 0.25

    def tracker(self, settings: SortSettings) -> Tracker:
        """A new one."""
        return Sort(settings)

    def settings(self, patience: int) -> SortSettings:
        """The fields as they are now."""
        return SortSettings(
            patience, self.minimum_consecutive_frames, self.minimum_iou_threshold, self.track_activation_threshold
        )


UNITS = (TrackersSort,)
