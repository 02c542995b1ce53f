"""How sharp an image is."""

from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ocella.ops.grey import of_grey, to_grey
from ocella.types import Detections, Image
from ocella.workflows.block import Block
from ocella.workflows.blocks.classical_cv import _viewfinder as viewfinder

__all__ = ["UNITS"]

Map = npt.NDArray[np.float32]
Percent = Annotated[float, Field(ge=0, le=100)]


class Focus(NamedTuple):
    """A picture as in a viewfinder; the mean of the measure over the image; the mean within each box, None for a box outside
    the image.
    """

    image: Image
    focus_measure: float
    bbox_focus_measures: list[Any]


class CameraFocus(Block):
    """Measure sharpness: the mean squared gradient (Tenengrad), higher when sharper, for the whole image and each object.
    Compare only pictures of one scene. The picture can show what is sharp (green), too dark (blue) or too bright (red)
    stripes, a grid, a mark in the middle, and a panel with the measure and histograms. `measure` "brenner" takes squared
    differences of pixels two apart instead, and shows them.
    """

    type = "camera_focus@v2"
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [{"type": "camera_focus", "name": "focus", "image": "$inputs.image", "show_hud": False}],
        "outputs": [{"type": "JsonField", "name": "sharpness", "selector": "$steps.focus.focus_measure"}],
    }

    underexposed_threshold_percent: Percent = 3.0
    overexposed_threshold_percent: Percent = 97.0
    show_zebra_warnings: bool = True
    grid_overlay: Literal["None", "2x2", "3x3", "4x4", "5x5"] = "3x3"
    show_hud: bool = True
    show_focus_peaking: bool = True
    show_center_marker: bool = True
    measure: Literal["tenengrad", "brenner"] = "tenengrad"

    @classmethod
    def upgrade(cls, step: dict[str, Any], version: int) -> dict[str, Any]:
        """The first version took Brenner's measure."""
        return {**step, "measure": "brenner"} if version == 1 else step

    def run(self, image: Image, detections: Detections | None = None) -> Focus:
        """The measures and the picture."""
        grey = to_grey(image)
        sharp = _brenner(grey) if self.measure == "brenner" else _tenengrad(grey)
        mean = float(sharp.mean(dtype=np.float64))
        boxes = [] if detections is None else [_mean_within(sharp, box) for box in detections.xyxy]
        return Focus(self._picture(image, grey, sharp, mean), mean, boxes)

    def _picture(self, image: Image, grey: npt.NDArray[np.uint8], sharp: Map, mean: float) -> Image:
        if self.measure == "brenner":
            return viewfinder.with_value(
                of_grey(image, (sharp / max(float(sharp.max()), 1.0) * 255).astype(np.uint8)), mean
            )
        parts = int(self.grid_overlay[0]) if self.grid_overlay != "None" else 0
        shown = (self.show_zebra_warnings, self.show_focus_peaking, self.show_center_marker, self.show_hud, parts)
        if not any(shown):
            return image
        pixels = np.array(image.pixels)
        if self.show_zebra_warnings:
            limits = (self.underexposed_threshold_percent, self.overexposed_threshold_percent)
            dark, bright = (int(percent * 255 / 100) for percent in limits)
            viewfinder.stripes(pixels, grey < dark, grey > bright)
        if self.show_focus_peaking:
            viewfinder.peaking(pixels, sharp)
        if self.show_center_marker:
            viewfinder.center(pixels)
        viewfinder.grid(pixels, parts)
        if self.show_hud:
            viewfinder.panel(pixels, image.pixels, grey, mean)
        return image.derive(pixels)


def _tenengrad(grey: npt.NDArray[np.uint8]) -> Map:
    import cv2

    across, down = (np.asarray(cv2.Sobel(grey, cv2.CV_32F, *step, ksize=3)) for step in ((1, 0), (0, 1)))
    return np.asarray(across**2 + down**2, np.float32)


def _brenner(grey: npt.NDArray[np.uint8]) -> Map:
    """The larger of the rises to the right and downwards, squared."""
    values = grey.astype(np.float32)
    rise = np.zeros((2, *grey.shape), np.float32)
    rise[0, :, :-2] = values[:, 2:] - values[:, :-2]
    rise[1, :-2] = values[2:] - values[:-2]
    return np.asarray(np.maximum(rise, 0).max(axis=0) ** 2, np.float32)


def _mean_within(sharp: Map, box: npt.NDArray[np.float32]) -> float | None:
    height, width = sharp.shape
    left, top = (max(0, int(v)) for v in box[:2])
    right, bottom = min(width, int(box[2])), min(height, int(box[3]))
    return float(sharp[top:bottom, left:right].mean()) if right > left and bottom > top else None


UNITS = (CameraFocus,)
