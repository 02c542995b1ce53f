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
    return _cut(masks, size_hw[0])


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


def _cut(masks: Masks, height: int) -> list[Cutout]:
    """All masks at once: their runs, moved to where they are in the boxes, one box after the other."""
    owner = np.repeat(np.arange(len(masks)), np.diff(masks.starts))
    on = np.flatnonzero(((np.arange(len(owner)) - masks.starts[owner]) % 2 == 1) & (masks.counts > 0))
    out = [Cutout(0, 0, np.zeros((0, 0), np.uint8))] * len(masks)
    if not len(on):
        return out
    owner, length = owner[on], masks.counts[on]
    start = np.cumsum(masks.counts)[on] - length - owner * masks.size_hw[0] * masks.size_hw[1]
    filled, first = np.unique(owner, return_index=True)
    last = np.append(first[1:], len(owner)) - 1
    column = start // height
    row = start - column * height
    left, right = column[first], (start[last] + length[last] - 1) // height + 1
    top, bottom = np.minimum.reduceat(row, first), np.maximum.reduceat(row + length, first)
    whole = bottom > height  # a run goes on in the next column
    top, bottom = np.where(whole, 0, top), np.where(whole, height, bottom)
    tall, wide = bottom - top, right - left
    offset = np.concatenate([[0], np.cumsum(tall * wide)])
    box = np.repeat(np.arange(len(filled)), last - first + 1)
    places = np.empty(2 * len(on) + 2, np.int64)
    places[0], places[-1] = 0, offset[-1]
    places[1:-1:2] = offset[box] + (column - left[box]) * tall[box] + row - top[box]
    places[2:-1:2] = places[1:-1:2] + length
    flat = np.repeat(np.arange(len(places) - 1, dtype=np.uint8) & 1, np.diff(places))
    rows = np.stack([filled, left, top, wide, tall, offset[:-1], offset[1:]], axis=1)
    for i, x, y, w, h, a, b in rows.tolist():
        out[i] = Cutout(x, y, np.ascontiguousarray(flat[a:b].reshape(w, h).T))
    return out
