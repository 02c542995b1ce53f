"""An image without the distortion of its lens."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.types import Image, Origin
from ocella.workflows.block import Block

__all__ = ["UNITS"]

Numbers = npt.NDArray[np.float64]


class CameraCalibration(Block):
    """Straighten what a lens bent, by the numbers that a calibration gave: focal lengths fx, fy and centre cx, cy in pixels,
    radial k1, k2, k3 and tangential p1, p2. All of the picture stays visible. With `use_fisheye_model` radii are divided by
    1 + k1 r^2 + k2 r^4 + k3 r^6 (Fitzgibbon 2001; p1 and p2 are not used) and the focal lengths stay.
    """

    type = "camera_calibration@v1"
    aliases = ("roboflow_core/camera-calibration@v1",)
    output = "calibrated_image"
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "camera_calibration",
                "name": "straight",
                "image": "$inputs.image",
                "fx": 800,
                "fy": 800,
                "cx": 320,
                "cy": 240,
                "k1": -0.3,
                "k2": 0.1,
                "k3": 0,
                "p1": 0,
                "p2": 0,
            }
        ],
        "outputs": [{"type": "JsonField", "name": "image", "selector": "$steps.straight.calibrated_image"}],
    }

    fx: float
    fy: float
    cx: float
    cy: float
    k1: float
    k2: float
    k3: float
    p1: float
    p2: float
    use_fisheye_model: bool = False

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """Focal lengths must not be 0."""
        return [(name, "a number above 0", "Give it in pixels.") for name in ("fx", "fy") if step.get(name) == 0]

    def run(self, image: Image) -> Image:
        """The straightened image, of the same size."""
        import cv2

        size = (image.width, image.height)
        camera = np.array([[self.fx, 0, self.cx], [0, self.fy, self.cy], [0, 0, 1]], np.float64)
        if self.use_fisheye_model:
            x, y = self._sources(size)
            made = cv2.remap(image.pixels, x, y, cv2.INTER_LINEAR)
        else:
            bends = np.array([self.k1, self.k2, self.p1, self.p2, self.k3], np.float64)
            shown, _ = cv2.getOptimalNewCameraMatrix(camera, bends, size, 1, size)
            made = cv2.undistort(image.pixels, camera, bends, None, shown)
        return image.derive(np.asarray(made, np.uint8), Origin(image.origin.source))

    def _sources(self, size: tuple[int, int]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Where in the picture each straight pixel lies."""
        x, y = np.meshgrid((np.arange(size[0]) - self.cx) / self.fx, (np.arange(size[1]) - self.cy) / self.fy)
        radius = np.hypot(x, y)
        share = self._bent(radius) / np.maximum(radius, 1e-12)
        share[radius == 0] = 1
        return (x * share * self.fx + self.cx).astype(np.float32), (y * share * self.fy + self.cy).astype(np.float32)

    def _bent(self, straight: Numbers) -> Numbers:
        """Radii r with r / (1 + k1 r^2 + k2 r^4 + k3 r^6) as given, by Newton's method from the quadratic solution."""
        root = np.sqrt(np.maximum(1 - 4 * self.k1 * straight**2, 0))
        bent = 2 * straight / (1 + root)
        for _ in range(20 if self.k2 or self.k3 else 0):
            square = bent**2
            over = 1 + self.k1 * square + self.k2 * square**2 + self.k3 * square**3
            slope = straight * (2 * self.k1 * bent + 4 * self.k2 * bent**3 + 6 * self.k3 * bent**5) - 1
            bent = bent - (straight * over - bent) / np.where(np.abs(slope) < 1e-9, -1e-9, slope)
        return np.asarray(bent)


UNITS = (CameraCalibration,)
