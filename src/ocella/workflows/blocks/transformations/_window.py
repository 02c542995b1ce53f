"""A window around a point of an image."""

from ocella.ops.crop import part_of
from ocella.types import Image

__all__ = ["cut"]


def cut(image: Image, x: int, y: int, width: int, height: int) -> Image | None:
    """The part of the image in a window around (x, y); None where they have no pixel in common."""
    left, top = round(x - width / 2), round(y - height / 2)
    right, bottom = left + width, top + height
    tall, wide = image.pixels.shape[:2]
    left, top = max(left, 0), max(top, 0)
    right, bottom = min(right, wide), min(bottom, tall)
    return part_of(image, left, top, right, bottom) if left < right and top < bottom else None
