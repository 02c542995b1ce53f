"""An image that uses all of its range."""

from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ocella.types import Image
from ocella.workflows.block import Block

__all__ = ["UNITS"]

_MIDTONES = 1 / 1.3


class ContrastEnhancement(Block):
    """Stretch each channel from its darkest to its brightest value, leaving out `clip_limit` percent at both ends. Then
    widen it around the middle by `contrast_multiplier`, and lighten the midtones with `normalize_brightness`.
    """

    type = "contrast_enhancement@v1"
    output = "image"
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [{"type": "contrast_enhancement", "name": "clear", "image": "$inputs.image", "clip_limit": 1}],
        "outputs": [{"type": "JsonField", "name": "image", "selector": "$steps.clear.image"}],
    }

    clip_limit: Annotated[int, Field(ge=0, le=50)] = 0
    contrast_multiplier: Annotated[float, Field(ge=0.1, le=5)] = 1.0
    normalize_brightness: bool = False

    def run(self, image: Image) -> Image:
        """The image, stretched; a channel of one value stays as it is."""
        made = [self._table(image.pixels[..., c])[image.pixels[..., c]] for c in range(3)]
        return image.derive(np.stack(made, axis=2))

    def _table(self, channel: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """What each of the 256 values becomes."""
        share = self.clip_limit / 100
        low, high = np.quantile(channel, [share, 1 - share]) if share else (channel.min(), channel.max())
        values: npt.NDArray[np.float32] = np.arange(256, dtype=np.float32)
        if high <= low:
            return values.astype(np.uint8)
        values = (values - np.float32(low)) / np.float32(high - low) * 255
        values = 128 + (values - 128) * self.contrast_multiplier if self.contrast_multiplier != 1 else values
        if self.normalize_brightness:
            values = np.clip(values, 0, 255) / np.float32(255)
            values = np.asarray(values**_MIDTONES, np.float32) * np.float32(255)
        return np.clip(values, 0, 255).astype(np.uint8)


UNITS = (ContrastEnhancement,)
