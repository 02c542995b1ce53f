"""Brightness of an image, and images made of one channel."""

import numpy as np
import numpy.typing as npt

from ocella.types import Image

__all__ = ["of_grey", "to_grey"]

Grey = npt.NDArray[np.uint8]


def to_grey(image: Image) -> Grey:
    """Brightness (height, width), weighted as the eye sees it (ITU-R BT.601)."""
    import cv2

    return np.asarray(cv2.cvtColor(image.pixels, cv2.COLOR_RGB2GRAY), np.uint8)


def of_grey(image: Image, grey: npt.NDArray[np.integer]) -> Image:
    """An image made from `image`, with the same brightness in all three channels."""
    return image.derive(np.repeat(np.asarray(grey, np.uint8)[..., None], 3, axis=2))
