"""Tracking with OC-SORT."""

from ocella.workflows.kinds import Unit
from ocella.workflows.tracking.definitions import tracking_example
from ocella.workflows.tracking.oc_sort import OcSettings, OcSort
from ocella.workflows.tracking.step import Count, TrackerBlock
from ocella.workflows.tracking.tracker import Tracker

__all__ = ["UNITS"]


class TrackersOcSort(TrackerBlock):
    """Track objects with OC-SORT, through occlusions and sudden turns. Boxes below `high_conf_det_threshold` are left out; going
    on in the direction of the last `delta_t` frames weighs `direction_consistency_weight` beside the overlap.
    """

    type = "trackers_ocsort@v1"
    example = tracking_example("trackers_ocsort")

    minimum_iou_threshold: Unit = 0.3
    minimum_consecutive_frames: Count = 3
    high_conf_det_threshold: Unit = 0.6
    direction_consistency_weight: Unit = 0.2
    delta_t: Count = 3

    def tracker(self, settings: OcSettings) -> Tracker:
        """A new one."""
        return OcSort(settings)

    def settings(self, patience: int) -> OcSettings:
        """The fields as they are now."""
        return OcSettings(
            patience,
            self.minimum_consecutive_frames,
            self.minimum_iou_threshold,
            self.high_conf_det_threshold,
            self.direction_consistency_weight,
            self.delta_t,
        )


UNITS = (TrackersOcSort,)
