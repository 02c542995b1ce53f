"""Where objects were, as heat."""

from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ocella.types import Detections, Image, Moment
from ocella.workflows.blocks.visualizations._base import Drawing, Length, Pixels, drawing_example, places
from ocella.workflows.kinds import Objects, Unit
from ocella.workflows.tracking.memory import BySource, Forgetful

__all__ = ["UNITS"]

Hue = Annotated[int, Field(ge=0, le=179)]


class _Heat:
    """How often each pixel of a video was near an object, and where each track was last counted."""

    def __init__(self) -> None:
        self.counts: npt.NDArray[np.float32] = np.zeros((0, 0), np.float32)
        self.last: Forgetful[int, tuple[int, int] | None] = Forgetful(lambda: None)


class HeatmapVisualization(Drawing):
    """Show where objects were so far in each video: a disc of `radius` at a point of each object warms the picture, from hue
    `low_hue` to `top_hue` (0..179). With `ignore_stationary` a tracked object counts only after moving `motion_threshold`
    pixels from where it was first seen or last counted.
    """

    type = "heatmap_visualization@v1"
    aliases = ("HeatmapVisualization",)
    stateful = True
    example = drawing_example("heatmap_visualization", radius=30)

    position: Literal[
        "CENTER",
        "CENTER_LEFT",
        "CENTER_RIGHT",
        "TOP_CENTER",
        "TOP_LEFT",
        "TOP_RIGHT",
        "BOTTOM_CENTER",
        "BOTTOM_LEFT",
        "BOTTOM_RIGHT",
    ] = "BOTTOM_CENTER"
    opacity: Unit = 0.2
    radius: Length = 40
    kernel_size: Annotated[int, Field(ge=1, le=10_000)] = 25
    top_hue: Hue = 0
    low_hue: Hue = 125
    ignore_stationary: bool = True
    motion_threshold: Annotated[float, Field(ge=0)] = 25

    def setup(self) -> None:
        """No video was seen yet."""
        self._heats: BySource[_Heat] = BySource(_Heat)

    def run(self, image: Image, predictions: Objects, metadata: Moment | None = None) -> Image:
        """The image with the heat so far on it."""
        heat = self._heats.of(image if metadata is None else metadata)
        if heat.counts.shape != image.size_hw:
            heat.counts = np.zeros(image.size_hw, np.float32)
        self._warm(heat, predictions)
        pixels = image.pixels.copy()
        self._show(pixels, heat.counts)
        return image.derive(pixels)

    def _warm(self, heat: _Heat, found: Detections) -> None:
        import cv2

        disc = np.zeros(heat.counts.shape, np.uint8)
        for row, (x, y) in enumerate(places(found, self.position)):
            if (
                found.track_id is None
                or not self.ignore_stationary
                or self._moved(heat, int(found.track_id[row]), x, y)
            ):
                cv2.circle(disc, (x, y), self.radius, 1, -1)
        heat.counts += disc

    def _moved(self, heat: _Heat, track: int, x: int, y: int) -> bool:
        last = heat.last[track]
        if last is None:
            heat.last[track] = (x, y)
            return False
        if np.hypot(x - last[0], y - last[1]) < self.motion_threshold:
            return False
        heat.last[track] = (x, y)
        return True

    def _show(self, pixels: Pixels, counts: npt.NDArray[np.float32]) -> None:
        import cv2

        most = counts.max()
        if most <= 0:
            return
        hsv = np.full(pixels.shape, 255, np.uint8)
        hue = (self.low_hue - counts / most * (self.low_hue - self.top_hue)).astype(np.uint8)
        hsv[..., 0] = cv2.blur(hue, (self.kernel_size, self.kernel_size))
        mixed = cv2.addWeighted(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), self.opacity, pixels, 1 - self.opacity, 0)
        cv2.copyTo(mixed, (counts > 0).astype(np.uint8), pixels)


UNITS = (HeatmapVisualization,)
