"""Masks as small pictures of just the box around each, from run lengths, never of the whole image."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.types import Detections, Masks

__all__ = ["Cutout", "cells", "covered", "cutouts"]

Pixels = npt.NDArray[np.uint8]
_FAR = 30_000
"""OpenCV draws with 16 bits before the point."""


@dataclass(frozen=True, eq=False)
class Cutout:
    """A mask within its tight box: 1 for its pixels, 0 for others; nothing for an empty mask. (x, y) is the box's corner."""

    x: int
    y: int
    inside: Pixels

    def of(self, pixels: Pixels) -> Pixels:
        """The part of an image that lies under it, no copy."""
        height, width = self.inside.shape
        return pixels[self.y : self.y + height, self.x : self.x + width]


def cutouts(masks: Masks, size_hw: tuple[int, int]) -> list[Cutout]:
    """One for each mask. Raises InvalidValue where they are not masks of an image of `size_hw`."""
    if masks.size_hw != size_hw:
        raise InvalidValue(f"masks must be of the image's {size_hw}, got {masks.size_hw}.")
    return [_cutout(masks.run(i), size_hw[0]) for i in range(len(masks))]


def cells(xyxy: npt.NDArray[np.floating], size_hw: tuple[int, int] | None = None) -> list[list[int]]:
    """Boxes in whole pixels, cut off towards zero; within the image where its size is given."""
    near = np.clip(xyxy, -_FAR, _FAR).astype(np.int64).reshape(-1, 4)
    if size_hw is not None:
        near = np.clip(near, 0, [size_hw[1], size_hw[0]] * 2)
    boxes: list[list[int]] = near.tolist()
    return boxes


def covered(found: Detections, size_hw: tuple[int, int]) -> Pixels:
    """1 where any object is, by its mask or else its box, (height, width)."""
    out = np.zeros(size_hw, np.uint8)
    if found.masks is None:
        for x1, y1, x2, y2 in cells(found.xyxy, size_hw):
            out[y1:y2, x1:x2] = 1
    else:
        for part in cutouts(found.masks, size_hw):
            part.of(out)[:] |= part.inside
    return out


def _cutout(run: npt.NDArray[np.int64], height: int) -> Cutout:
    edges = np.cumsum(run)
    start, end = edges[:-1:2], edges[1::2]
    full = end > start
    if not full.all():
        start, end = start[full], end[full]
    if not len(start):
        return Cutout(0, 0, np.zeros((0, 0), np.uint8))
    column = start // height
    left, right, top, bottom = int(column[0]), int(end[-1] - 1) // height + 1, 0, height
    if (end <= (column + 1) * height).all():  # no run goes on in the next column: leave out the rows above and below
        top, bottom = int((start - column * height).min()), int((end - column * height).max())
        shift = column * (height - bottom + top) + top
        start, end = start - shift, end - shift
    tall, wide = bottom - top, right - left
    places = np.empty(2 * len(start) + 2, np.int64)
    places[0], places[1:-1:2], places[2:-1:2], places[-1] = left * tall, start, end, right * tall
    flat = np.repeat(np.arange(len(places) - 1, dtype=np.uint8) & 1, np.diff(places))
    return Cutout(left, top, np.ascontiguousarray(flat.reshape(wide, tall).T))
