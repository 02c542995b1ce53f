"""Tracking with BoT-SORT."""

from ocella.workflows.kinds import Unit
from ocella.workflows.tracking.camera import CameraMotion, Method
from ocella.workflows.tracking.cascade import Cascade, CascadeSettings
from ocella.workflows.tracking.definitions import tracking_example
from ocella.workflows.tracking.step import Count, TrackerBlock
from ocella.workflows.tracking.tracker import Tracker

__all__ = ["UNITS"]


class TrackersBotSort(TrackerBlock):
    """Track objects with BoT-SORT: confirmed tracks are matched first, by overlap times confidence. With `enable_cmc` it takes
    out how the camera moved, told from the picture made `cmc_downscale` times smaller.
    """

    type = "trackers_botsort@v1"
    example = tracking_example("trackers_botsort")

    minimum_iou_threshold_first_assoc: Unit = 0.2
    minimum_iou_threshold_second_assoc: Unit = 0.5
    minimum_iou_threshold_unconfirmed_assoc: Unit = 0.3
    minimum_consecutive_frames: Count = 2
    track_activation_threshold: Unit = 0.7
    high_conf_det_threshold: Unit = 0.6
    enable_cmc: bool = False
    cmc_method: Method = "sparseOptFlow"
    cmc_downscale: Count = 2
    instant_first_frame_activation: bool = False

    def tracker(self, settings: CascadeSettings) -> Tracker:
        """A new one."""
        return Cascade(settings, camera=CameraMotion(self.cmc_method, self.cmc_downscale) if self.enable_cmc else None)

    def settings(self, patience: int) -> CascadeSettings:
        """The fields as they are now."""
        return CascadeSettings(
            patience,
            self.minimum_consecutive_frames,
            self.minimum_iou_threshold_first_assoc,
            self.minimum_iou_threshold_second_assoc,
            self.minimum_iou_threshold_unconfirmed_assoc,
            self.high_conf_det_threshold,
            self.track_activation_threshold,
            at_start=self.instant_first_frame_activation,
        )


UNITS = (TrackersBotSort,)
