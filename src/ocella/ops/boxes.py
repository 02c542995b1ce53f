"""Boxes as (n, 4) arrays of x1, y1, x2, y2 in pixels, end-exclusive."""

import numpy as np
import numpy.typing as npt

__all__ = ["area", "clip", "scale"]

Boxes = npt.NDArray[np.float32]


def clip(xyxy: npt.NDArray[np.floating], size_hw: tuple[int, int]) -> Boxes:
    """Boxes cut to the image; one wholly outside ends with no area on the nearest border."""
    height, width = size_hw
    far = np.array([width, height, width, height], np.float32)
    return np.clip(np.asarray(xyxy, np.float32).reshape(-1, 4), np.float32(0), far)


def area(xyxy: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Square pixels of each box (n,); 0 where a box is turned inside out."""
    boxes = np.asarray(xyxy, np.float64).reshape(-1, 4)
    return np.asarray(np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 0), axis=1))


def scale(xyxy: npt.NDArray[np.floating], from_hw: tuple[int, int], to_hw: tuple[int, int]) -> Boxes:
    """Boxes of an image of size `from_hw` in the pixels of the same image at `to_hw`."""
    ratio = np.divide(to_hw, from_hw)[::-1]
    return np.asarray(np.asarray(xyxy, np.float64).reshape(-1, 4) * np.tile(ratio, 2), np.float32)
