"""An image turned until its lines are straight up or level."""

from typing import Annotated, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ocella.ops.grey import to_grey
from ocella.types import Image
from ocella.workflows.block import Block
from ocella.workflows.blocks.classical_cv._rotation import rotated

__all__ = ["UNITS"]

Grey = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.float64]

_FLAT = 3.0
"""Standard deviation of the brightness below which there is nothing to align to."""
_CLEAR = 1.5
"""How many standard deviations the best direction must stand out from the median one."""
_NEAR = 3.0
"""Degrees around the best direction that are averaged."""


class Straightened(NamedTuple):
    """The image and by how many degrees it was turned, anticlockwise; 0 where it was left as it is."""

    image: Image
    angle: float


class AutoRotateOnEdges(Block):
    """Find the direction of most edges and turn the image until they are vertical, horizontal, or whichever is nearer
    (either). It stays as it is without a clear direction, below `skip_below_degrees` and above `max_correction_degrees`.
    The direction is sought in a copy of at most `internal_resolution` pixels a side.
    """

    type = "auto_rotate_on_edges@v1"
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [{"type": "auto_rotate_on_edges", "name": "straight", "image": "$inputs.image"}],
        "outputs": [
            {"type": "JsonField", "name": "image", "selector": "$steps.straight.image"},
            {"type": "JsonField", "name": "angle", "selector": "$steps.straight.angle"},
        ],
    }

    target_orientation: Literal["vertical", "horizontal", "either"] = "vertical"
    skip_below_degrees: float = 0.4
    max_correction_degrees: float = 90.0
    internal_resolution: Annotated[int, Field(ge=1)] = 1000

    def run(self, image: Image) -> Straightened:
        """The straightened image."""
        direction = _direction(_small(to_grey(image), self.internal_resolution))
        if direction is None:
            return Straightened(image, 0.0)
        period = 90.0 if self.target_orientation == "either" else 180.0
        angle = (direction - (90.0 if self.target_orientation == "horizontal" else 0.0)) % period
        angle = angle - period if angle > period / 2 else angle
        if abs(angle) < self.skip_below_degrees or abs(angle) > self.max_correction_degrees:
            return Straightened(image, 0.0)
        return Straightened(rotated(image, angle), float(angle))


def _small(grey: Grey, most: int) -> Grey:
    import cv2

    longest = max(grey.shape)
    if longest <= most:
        return grey
    width, height = (max(1, round(side * most / longest)) for side in grey.shape[::-1])
    return np.asarray(cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _direction(grey: Grey) -> float | None:
    """Which way most gradients point, in degrees modulo 180 (0 for vertical edges); None where none stands out."""
    if grey.std() < _FLAT:
        return None
    angles, weights = _gradients(grey)
    counts, _ = np.histogram(angles, 180, (0.0, 180.0), weights=weights)
    around = np.concatenate([counts[-2:], counts, counts[:2]])
    smooth = np.convolve(around, np.ones(5) / 5, mode="valid")
    if (smooth.max() - np.median(smooth)) / (smooth.std() + 1e-9) < _CLEAR:
        return None
    peak = smooth.argmax() + 0.5
    away = np.abs(angles - peak)
    near = np.minimum(away, 180 - away) <= _NEAR
    if not near.any():
        return float(peak)
    doubled = np.radians(2 * angles[near])  # so that 1 and 179 degrees lie side by side
    mean = np.arctan2((weights[near] * np.sin(doubled)).sum(), (weights[near] * np.cos(doubled)).sum())
    return float(np.degrees(mean) / 2)


def _gradients(grey: Grey) -> tuple[Numbers, Numbers]:
    """Directions, modulo 180 degrees, and strengths of the strongest fifth of all gradients."""
    import cv2

    clear = cv2.createCLAHE(3.0, (8, 8)).apply(grey)
    soft = np.asarray(cv2.GaussianBlur(clear, (5, 5), 0), np.float32)
    across, down = (np.asarray(cv2.Sobel(soft, cv2.CV_32F, *step, ksize=3)) for step in ((1, 0), (0, 1)))
    strength = np.hypot(across, down)
    strong = strength >= max(float(np.percentile(strength, 80)), 1e-6)
    angles = np.degrees(np.arctan2(down[strong], across[strong])) % 180
    return angles.astype(np.float64), strength[strong].astype(np.float64)


UNITS = (AutoRotateOnEdges,)
