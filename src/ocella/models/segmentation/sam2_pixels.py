"""An image as SAM 2 takes it, alone or as a frame of a video."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["input_hw", "prepare"]


def input_hw(settings: Mapping[str, Any]) -> tuple[int, int]:
    """The network's input size: the image is stretched to it."""
    size = settings.get("size") or {"height": 1024, "width": 1024}
    return int(size["height"]), int(size["width"])


def prepare(pixels: npt.NDArray[np.uint8], settings: Mapping[str, Any]) -> Any:
    """RGB (h, w, 3) to a tensor (1, 3, h', w'): resized in whole numbers with antialiasing, as torchvision does it on
    a processor, which the published preparation uses.
    """
    import torch
    from torch.nn.functional import interpolate

    planes = torch.from_numpy(pixels.transpose(2, 0, 1)[None].copy())
    resized = interpolate(planes, input_hw(settings), mode="bilinear", antialias=True)
    mean = torch.tensor(settings.get("image_mean") or (0.485, 0.456, 0.406))[:, None, None]
    std = torch.tensor(settings.get("image_std") or (0.229, 0.224, 0.225))[:, None, None]
    return (resized * settings.get("rescale_factor", 1 / 255) - mean) / std
