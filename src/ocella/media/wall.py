"""Photographs hung side by side on a wall: one large picture made of several."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ocella.errors import InvalidValue
from ocella.types import Image, Origin

__all__ = ["Hung", "wall"]

_PAINT = 235


@dataclass(frozen=True)
class Hung:
    """The wall, and for each photograph its scale and the wall's pixel (x, y) of its top left corner."""

    image: Image
    scales: tuple[float, ...]
    corners_xy: tuple[tuple[int, int], ...]


def wall(photos: Sequence[Image], *, columns: int, cell_hw: tuple[int, int], margin: int = 16) -> Hung:
    """Photographs row by row, each fitted into a cell of `cell_hw` pixels with a margin. Raises InvalidValue."""
    import cv2

    if not photos or columns < 1 or min(cell_hw) <= 2 * margin:
        raise InvalidValue(
            f"A wall needs photographs, columns and cells larger than their margins, got {len(photos)} photographs, "
            f"{columns} columns, cells of {cell_hw} with margins of {margin}."
        )
    height, width = cell_hw
    pixels = np.full((height * math.ceil(len(photos) / columns), width * columns, 3), _PAINT, np.uint8)
    scales, corners = [], []
    for i, photo in enumerate(photos):
        scale = min((width - 2 * margin) / photo.width, (height - 2 * margin) / photo.height)
        w, h = max(1, round(photo.width * scale)), max(1, round(photo.height * scale))
        x, y = (i % columns) * width + (width - w) // 2, (i // columns) * height + (height - h) // 2
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        pixels[y : y + h, x : x + w] = cv2.resize(photo.pixels, (w, h), interpolation=method)
        scales.append(scale)
        corners.append((x, y))
    return Hung(Image(pixels, Origin("wall")), tuple(scales), tuple(corners))
