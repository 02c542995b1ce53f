"""Parts and sizes of an image, and the way back to the root."""

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.ops.masks import place
from ocella.types import Detections, Image, Keypoints, Origin

__all__ = ["crop", "part_of", "resize", "to_root"]


def crop(image: Image, windows: Iterable[npt.ArrayLike]) -> list[Image]:
    """One image a window (x1, y1, x2, y2), widened to whole pixels and cut to the image; `origin` leads back to the
    root. Pixels are shared with the image, not copied. Raises InvalidValue for a window outside the image.
    """
    height, width = image.pixels.shape[:2]
    parts = []
    for window in windows:
        x1, y1, x2, y2 = numbers = _four_numbers(window)
        left, top = math.floor(x1) if x1 > 0 else 0, math.floor(y1) if y1 > 0 else 0
        right, bottom = math.ceil(x2) if x2 < width else width, math.ceil(y2) if y2 < height else height
        if right <= left or bottom <= top:
            raise InvalidValue(f"A window must share a pixel with the image of {width} x {height}, got {numbers}.")
        parts.append(part_of(image, left, top, right, bottom))
    return parts


def part_of(image: Image, left: int, top: int, right: int, bottom: int) -> Image:
    """One crop, by whole pixels that lie in the image: takes a few microseconds."""
    pixels, origin = image.pixels, image.origin
    (x, y), (across, down) = origin.offset_xy, origin.scale_xy
    offset = (x + left * across, y + top * down)
    root = Origin(origin.source, offset, origin.scale_xy, origin.root_hw or pixels.shape[:2])
    return Image(pixels[top:bottom, left:right], root, image.moment)


def _four_numbers(window: Any) -> list[float]:
    try:
        numbers = window.tolist() if isinstance(window, np.ndarray) else list(window)
        if len(numbers) == 4 and math.isfinite(sum(numbers)):
            return numbers
    except (TypeError, ValueError):
        pass
    raise InvalidValue(f"A window must be 4 finite numbers x1, y1, x2, y2, got {window!r}.")


def resize(image: Image, size_hw: tuple[int, int]) -> Image:
    """The image at another size, its `origin` scaled with it."""
    import cv2

    height, width = size_hw
    if height < 1 or width < 1:
        raise InvalidValue(f"size_hw must be at least (1, 1), got {size_hw}.")
    shrinks = height <= image.height and width <= image.width
    pixels = cv2.resize(image.pixels, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    scale_x, scale_y = image.origin.scale_xy
    scale = (scale_x * image.width / width, scale_y * image.height / height)
    root = image.origin.root_hw or image.size_hw
    return image.derive(np.asarray(pixels, np.uint8), replace(image.origin, scale_xy=scale, root_hw=root))


def to_root(found: Detections, origin: Origin, size_hw: tuple[int, int] | None = None) -> Detections:
    """Detections of a crop in pixels of its root image, `size_hw` unless the origin knows it. Without either masks are
    left out.
    """
    size_hw = origin.root_hw or size_hw
    offset = np.array(origin.offset_xy, np.float64)
    scale = np.array(origin.scale_xy, np.float64)
    xyxy = (np.tile(offset, 2) + found.xyxy * np.tile(scale, 2)).astype(np.float32)
    points = found.keypoints
    if points is not None:
        points = Keypoints(
            (offset + points.xy * scale).astype(np.float32), points.confidence, points.visible, points.skeleton
        )
    masks = None if found.masks is None or size_hw is None else place(found.masks, origin, size_hw)
    root = None if found.origin is None else Origin(origin.source)
    size_hw = None if found.origin is None else size_hw
    return found.replace(xyxy=xyxy, keypoints=points, masks=masks, origin=root, size_hw=size_hw)
