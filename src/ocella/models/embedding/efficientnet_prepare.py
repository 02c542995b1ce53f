"""An image as EfficientNet-Lite0 takes it."""

import numpy as np
import numpy.typing as npt

from ocella.types import Image

__all__ = ["efficientnet_prepare"]

_CROP = 0.875


def efficientnet_prepare(image: Image, input_hw: tuple[int, int]) -> npt.NDArray[np.float32]:
    """RGB (3, height, width), (x - 127) / 128: the middle 7/8 of the image at the input's aspect, as in its training."""
    import cv2

    height, width = input_hw
    scale = max(height / image.height, width / image.width) / _CROP
    crop_h, crop_w = min(image.height, round(height / scale)), min(image.width, round(width / scale))
    top, left = (image.height - crop_h) // 2, (image.width - crop_w) // 2
    window = image.pixels[top : top + crop_h, left : left + crop_w]
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    pixels = cv2.resize(window, (width, height), interpolation=method)
    return np.ascontiguousarray(((pixels.astype(np.float32) - 127) / 128).transpose(2, 0, 1))
