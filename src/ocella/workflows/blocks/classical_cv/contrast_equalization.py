"""An image whose brightness is spread evenly."""

from typing import Literal

import numpy as np
import numpy.typing as npt

from ocella.types import Image
from ocella.workflows.block import Block

__all__ = ["UNITS"]

Pixels = npt.NDArray[np.uint8]


class ContrastEqualization(Block):
    """Spread the values of an image: between the 2nd and the 98th percentile (Contrast Stretching), so that all are equally
    frequent (Histogram Equalization), or the latter part by part, on the brightness (Adaptive Equalization).
    """

    type = "contrast_equalization@v1"
    output = "image"
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "contrast_equalization",
                "name": "even",
                "image": "$inputs.image",
                "equalization_type": "Adaptive Equalization",
            }
        ],
        "outputs": [{"type": "JsonField", "name": "image", "selector": "$steps.even.image"}],
    }

    equalization_type: Literal["Contrast Stretching", "Histogram Equalization", "Adaptive Equalization"] = (
        "Histogram Equalization"
    )

    def run(self, image: Image) -> Image:
        """The equalised image."""
        if self.equalization_type == "Adaptive Equalization":
            return image.derive(_adaptive(image.pixels))
        table = _stretched if self.equalization_type == "Contrast Stretching" else _equalized
        return image.derive(table(image.pixels)[image.pixels])


def _stretched(pixels: Pixels) -> Pixels:
    low, high = np.percentile(pixels, (2, 98))
    values = np.clip(np.arange(256, dtype=np.float64), low, high)
    return ((values - low) / (high - low) * 255 if high > low else values).astype(np.uint8)


def _equalized(pixels: Pixels) -> Pixels:
    """The share of all values, of the three channels together, that are not brighter."""
    if pixels.min() == pixels.max():
        return np.arange(256, dtype=np.uint8)
    counts, edges = np.histogram(pixels.reshape(-1), bins=256)
    shares = np.cumsum(counts) / pixels.size
    return np.asarray(np.interp(np.arange(256), (edges[:-1] + edges[1:]) / 2, shares) * 255).astype(np.uint8)


def _adaptive(pixels: Pixels) -> Pixels:
    """Contrast-limited, in 8 by 8 parts, on the brightest channel; hue and saturation stay."""
    import cv2

    limit = 0.03 * 256  # a bin holds at most 3 % of a part's pixels
    hsv = np.asarray(cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2HSV))
    value = _to_full(hsv[..., 2] * 255)
    value = np.asarray(cv2.createCLAHE(limit, (8, 8)).apply(np.rint(value).astype(np.uint8)), np.float32)
    hsv[..., 2] = _to_full(value) / 255
    made = np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)) * 255
    return np.clip(made + 1e-3, 0, 255).astype(np.uint8)  # a whole number may come back a little under itself


def _to_full(value: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    low, high = value.min(), value.max()
    return (value - low) / (high - low) * np.float32(255) if high > low else value


UNITS = (ContrastEqualization,)
