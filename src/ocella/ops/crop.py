"""Parts and sizes of an image, and the way back to the root."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.ops.masks import place
from ocella.types import Detections, Image, Keypoints, Origin

__all__ = ["crop", "resize", "to_root"]


def crop(image: Image, windows: Iterable[npt.ArrayLike]) -> list[Image]:
    """One image a window (x1, y1, x2, y2), widened to whole pixels and cut to the image; `origin` leads back to the
    root. Raises InvalidValue for a window outside the image.
    """
    return [_crop_one(image, np.asarray(window, np.float64)) for window in windows]


def _crop_one(image: Image, window: npt.NDArray[np.float64]) -> Image:
    if window.shape != (4,) or not np.isfinite(window).all():
        raise InvalidValue(f"A window must be 4 finite numbers x1, y1, x2, y2, got {window.tolist()}.")
    left, top = (max(0, int(v)) for v in np.floor(window[:2]))
    right, bottom = (min(int(v), end) for v, end in zip(np.ceil(window[2:]), image.size_hw[::-1], strict=True))
    if right <= left or bottom <= top:
        raise InvalidValue(
            f"A window must share a pixel with the image of {image.width} x {image.height}, got {window.tolist()}."
        )
    origin = image.origin
    offset = tuple(o + v * s for o, v, s in zip(origin.offset_xy, (left, top), origin.scale_xy, strict=True))
    pixels = np.ascontiguousarray(image.pixels[top:bottom, left:right])
    return Image(pixels, replace(origin, offset_xy=(offset[0], offset[1])))


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
    return Image(np.asarray(pixels, np.uint8), replace(image.origin, scale_xy=scale))


def to_root(found: Detections, origin: Origin, size_hw: tuple[int, int] | None = None) -> Detections:
    """Detections of a crop in pixels of its root image. Masks need the root's `size_hw`; without it they are left out."""
    offset = np.array(origin.offset_xy, np.float64)
    scale = np.array(origin.scale_xy, np.float64)
    xyxy = (np.tile(offset, 2) + found.xyxy * np.tile(scale, 2)).astype(np.float32)
    points = found.keypoints
    if points is not None:
        points = Keypoints(
            (offset + points.xy * scale).astype(np.float32), points.confidence, points.visible, points.skeleton
        )
    masks = None if found.masks is None or size_hw is None else place(found.masks, origin, size_hw)
    return found.replace(xyxy=xyxy, keypoints=points, masks=masks)
