"""Cutting people out for a network that looks at one at a time, and reading its heat maps back into the image."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Crop", "crop_of", "cut", "points_of"]

Floats = npt.NDArray[np.float32]

_PADDING = 1.25
"""How much of its surroundings a network sees with a box."""
_UNIT = np.float32(200)
"""Pixels that sizes are counted in, in single precision, as those of the networks' training were."""


@dataclass(frozen=True)
class Crop:
    """Centre and size (x, y) of what is cut out, in pixels of the image; it may reach over the border."""

    centre: Floats
    size: Floats


def crop_of(box: npt.NDArray[np.floating], input_hw: tuple[int, int]) -> Crop:
    """The crop around a box x1, y1, x2, y2 in the shape of the input. A box of no width or height counts as one pixel."""
    x1, y1, x2, y2 = (float(v) for v in box)
    width, height = max(x2 - x1, 1.0), max(y2 - y1, 1.0)
    aspect = input_hw[1] / input_hw[0]
    centre = np.array([x1 + (x2 - x1) * 0.5, y1 + (y2 - y1) * 0.5], np.float32)
    width, height = max(width, height * aspect), max(height, width / aspect)
    return Crop(centre, np.array([width, height], np.float32) / _UNIT * np.float32(_PADDING) * _UNIT)


def cut(pixels: npt.NDArray[np.uint8], crop: Crop, input_hw: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """The crop as (height, width, 3), bilinear between the middles of pixels, black beyond the image."""
    ends = (pixels.shape[1], pixels.shape[0])
    (left, right, x, in_x), (top, bottom, y, in_y) = (
        _samples(end, side, crop, axis) for axis, (end, side) in enumerate(zip(ends, input_hw[::-1], strict=True))
    )
    rows = pixels[top] * (1 - y)[:, None, None] + pixels[bottom] * y[:, None, None]
    values = rows[:, left] * (1 - x)[None, :, None] + rows[:, right] * x[None, :, None]
    return np.where(in_y[:, None, None] & in_x[None, :, None], np.floor(values + 0.5), 0).astype(np.uint8)


def _samples(
    end: int, side: int, crop: Crop, axis: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """For each of `side` places along an axis: the pixels before and after, how far between, and whether inside."""
    scale = np.float32((side - 1.0) / crop.size[axis])
    shift = np.float32((side - 1.0) / crop.size[axis] * (-crop.centre[axis] + crop.size[axis] * 0.5))
    places = (np.arange(side) - np.float64(shift)) / np.float64(scale)
    inside = (places >= 0) & (places <= end - 1)
    before = np.clip(np.floor(places), 0, end - 1).astype(np.int64)
    return before, np.minimum(before + 1, end - 1), np.clip(places - before, 0, 1), inside


def points_of(heatmaps: Floats, crop: Crop, *, kernel: int = 11) -> tuple[Floats, Floats]:
    """Places (k, 2) in the image and values (k,) of the peaks of heat maps (k, h, w), found between cells by the slope
    and bend of the logarithm of the smoothed map. Sources: DARK, arXiv 1910.06278; UDP, arXiv 1911.07524.
    """
    count, height, width = heatmaps.shape
    flat = heatmaps.reshape(count, -1)
    values = flat.max(axis=1)
    row, column = np.divmod(flat.argmax(axis=1), width)
    cells = np.stack([column, row], axis=1).astype(np.float64) - _step(heatmaps, row, column, kernel)
    start = crop.centre - crop.size * np.float32(0.5)
    scale = crop.size / np.array([width - 1.0, height - 1.0])
    return np.asarray(cells * scale + start, np.float32), np.asarray(values, np.float32)


def _step(
    heatmaps: Floats, row: npt.NDArray[np.int64], column: npt.NDArray[np.int64], kernel: int
) -> npt.NDArray[np.float64]:
    """From the highest cell of each map back to the top of the hill, (k, 2) in cells; none where the map is flat."""
    from scipy.ndimage import gaussian_filter

    radius = (kernel - 1) // 2
    smooth = [gaussian_filter(m, sigma=0.8, radius=(radius, radius)) for m in heatmaps]
    logs = np.pad(np.log(np.clip(smooth, 0.001, 50)), ((0, 0), (1, 1), (1, 1)), mode="edge")
    maps, r, c = np.arange(len(heatmaps)), row + 1, column + 1
    here, right, left = logs[maps, r, c], logs[maps, r, c + 1], logs[maps, r, c - 1]
    below, above = logs[maps, r + 1, c], logs[maps, r - 1, c]
    both = logs[maps, r + 1, c + 1] - right - below + here + here - left - above + logs[maps, r - 1, c - 1]
    slope = np.stack([right - left, below - above], axis=1) * np.float64(0.5)
    tiny = np.finfo(np.float32).eps
    xx, yy, xy = right - 2 * here + left + tiny, below - 2 * here + above + tiny, 0.5 * both.astype(np.float64)
    spread = xx * yy - xy * xy
    step = np.stack([yy * slope[:, 0] - xy * slope[:, 1], xx * slope[:, 1] - xy * slope[:, 0]], axis=1)
    return np.asarray(np.divide(step, spread[:, None], out=np.zeros_like(step), where=spread[:, None] != 0))
