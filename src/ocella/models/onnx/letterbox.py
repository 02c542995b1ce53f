"""How images become the input of a network, and boxes the way back: letterbox, stretch and crops."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ocella.ops.boxes import clip
from ocella.types import Image

__all__ = ["GREY", "IMAGENET", "Fit", "ImageInput", "Placement"]

Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]

Fit = Literal["letterbox", "corner", "stretch", "shorter", "crop"]
"""letterbox: aspect kept, the middle of a padded input; corner: the same in its upper left; stretch: both sides as they
come; shorter: aspect kept, the longer side cut at both ends; crop: no scaling, cut or padded about the middle.
"""
GREY = 114
"""The padding that YOLO networks are trained with."""
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
"""Mean and deviation of red, green and blue, in 0..1."""


@dataclass(frozen=True)
class Placement:
    """Where an image of `size_hw` lies in the input: input pixel = offset + image pixel * scale. Its resized copy has
    `inner_hw` pixels.
    """

    size_hw: tuple[int, int]
    scale_xy: tuple[float, float]
    offset_xy: tuple[float, float]
    inner_hw: tuple[int, int]

    def boxes(self, xyxy: npt.NDArray[np.floating]) -> Floats:
        """Boxes (n, 4) of the input in the image's own pixels, cut to it."""
        there = np.asarray(xyxy, np.float64) - np.tile(self.offset_xy, 2)
        return clip(there / np.tile(self.scale_xy, 2), self.size_hw)

    def points(self, xy: npt.NDArray[np.floating]) -> Floats:
        """Points (..., 2) of the input in the image's own pixels, cut to it."""
        there = (np.asarray(xy, np.float64) - self.offset_xy) / self.scale_xy
        return np.asarray(np.clip(there, 0, self.size_hw[::-1]), np.float32)


@dataclass(frozen=True)
class ImageInput:
    """What a network takes: `input_hw`; how an image is fitted and what pads it (0..255); whether its channels are red,
    green, blue; pixels times `factor`, less `mean`, over `std` (one number a channel, in the network's order); numpy
    type and order of axes. `window` keeps a part of each image first (x1, y1, x2, y2 in hundredths of its sides),
    `before` changes its pixels.
    """

    input_hw: tuple[int, int]
    fit: Fit = "letterbox"
    pad: int = GREY
    rgb: bool = True
    factor: float = 1 / 255
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    std: tuple[float, ...] = (1.0, 1.0, 1.0)
    dtype: str = "float32"
    channels_last: bool = False
    channels: int = 3
    smooth: bool = False
    window: tuple[float, float, float, float] = (0, 0, 100, 100)
    before: tuple[Callable[[Pixels], Pixels], ...] = ()
    _own: threading.local = field(default_factory=threading.local, repr=False, compare=False)

    def batch(self, images: Sequence[Image]) -> tuple[npt.NDArray[Any], list[Placement]]:
        """The input of a batch, and where each image lies in it. The array is used again by this thread's next call."""
        out = self._buffer(len(images))
        planes = out.transpose(0, 3, 1, 2) if self.channels_last else out
        return out, [self._put(image, planes[i]) for i, image in enumerate(images)]

    def place(self, size_hw: tuple[int, int]) -> Placement:
        """Where an image of that size lies."""
        (height, width), (tall, wide) = size_hw, self.input_hw
        ratio = 1.0
        if self.fit in ("letterbox", "corner"):
            ratio = min(tall / height, wide / width)
        elif self.fit == "shorter":
            ratio = max(tall / height, wide / width)
        inner = self.input_hw if self.fit == "stretch" else (_length(height * ratio), _length(width * ratio))
        scale = inner[1] / width, inner[0] / height
        # half a pixel that is left over goes to the right and the bottom
        left, top = (0, 0) if self.fit == "corner" else ((wide - inner[1]) // 2, (tall - inner[0]) // 2)
        return Placement(size_hw, scale, (float(left), float(top)), inner)

    def _buffer(self, n: int) -> npt.NDArray[Any]:
        shape = (self.channels, *self.input_hw)
        return self._held("input", (n, *shape[1:], shape[0]) if self.channels_last else (n, *shape), self.dtype)

    def _held(self, name: str, shape: tuple[int, ...], dtype: str = "uint8") -> npt.NDArray[Any]:
        """An array of this thread that is used again: fresh memory costs more than all the work on it."""
        size = int(np.prod(shape))
        held: npt.NDArray[Any] | None = getattr(self._own, name, None)
        if held is None or held.size < size:
            held = np.empty(size, dtype)
            setattr(self._own, name, held)
        return held[:size].reshape(shape)

    def _put(self, image: Image, planes: npt.NDArray[Any]) -> Placement:
        """Write one image into its planes (channels, h, w)."""
        pixels, left, top = _window(image.pixels, self.window)
        for change in self.before:
            pixels = change(pixels)
        place = self.place(pixels.shape[:2])
        small, (x, y) = self._cut(pixels, place)
        bottom, right = y + small.shape[0], x + small.shape[1]
        gain, shift = self._affine()
        for channel, (plane, source) in enumerate(zip(planes, self._channels(small), strict=True)):
            inside = plane[y:bottom, x:right]
            np.multiply(source, gain[channel], out=inside, casting="unsafe")
            if shift[channel]:
                inside += shift[channel]
            around = self.pad * gain[channel] + shift[channel]
            for band in (plane[:y], plane[bottom:], plane[y:bottom, :x], plane[y:bottom, right:]):
                band[...] = around
        offset = place.offset_xy[0] - left * place.scale_xy[0], place.offset_xy[1] - top * place.scale_xy[1]
        return Placement(image.size_hw, place.scale_xy, offset, place.inner_hw)

    def _affine(self) -> tuple[list[np.float32], list[np.float32]]:
        """What every channel is multiplied with, and what is added then."""
        gain = [np.float32(self.factor / s) for s in self.std]
        return gain, [np.float32(-m / s) for m, s in zip(self.mean, self.std, strict=True)]

    def _cut(self, pixels: Pixels, place: Placement) -> tuple[Pixels, tuple[int, int]]:
        """The resized image as far as it lies in the input, and where it begins there (x, y)."""
        import cv2

        tall, wide = place.inner_hw
        left, top = (int(v) for v in place.offset_xy)
        if left < 0 or top < 0:
            pixels = _showing(pixels, place, self.input_hw)
            tall, wide = min(tall, self.input_hw[0]), min(wide, self.input_hw[1])
        begin = max(0, left), max(0, top)
        if pixels.shape[:2] == (tall, wide):
            return pixels, begin
        shrinks = self.smooth and tall <= pixels.shape[0] and wide <= pixels.shape[1]
        method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        small = cv2.resize(pixels, (wide, tall), dst=self._held("small", (tall, wide, 3)), interpolation=method)
        return np.asarray(small, np.uint8), begin

    def _channels(self, pixels: Pixels) -> Sequence[Pixels]:
        import cv2

        height, width = pixels.shape[:2]
        if self.channels == 1:
            grey = self._held("grey", (height, width))
            return [np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY, dst=grey), np.uint8)]
        planes = self._held("planes", (3, height, width))
        cv2.split(pixels, list(planes))
        return list(planes if self.rgb else planes[::-1])


def _length(side: float) -> int:
    return max(1, round(side))


def _window(pixels: Pixels, window: tuple[float, float, float, float]) -> tuple[Pixels, int, int]:
    """The part of an image inside the window, at least one pixel of it, and where it begins (x, y)."""
    height, width = pixels.shape[:2]
    x1, x2 = (int(width * window[i] / 100) for i in (0, 2))
    y1, y2 = (int(height * window[i] / 100) for i in (1, 3))
    x1, y1 = min(x1, width - 1), min(y1, height - 1)
    return pixels[y1 : max(y1 + 1, y2), x1 : max(x1 + 1, x2)], x1, y1


def _showing(pixels: Pixels, place: Placement, input_hw: tuple[int, int]) -> Pixels:
    """The part of an image that shows in an input smaller than its resized copy: a strip of 1 x 300 would grow to
    224 x 67200 first.
    """
    height, width = pixels.shape[:2]
    (left, top), (across, down) = place.offset_xy, place.scale_xy
    x1, y1 = max(0, round(-left / across)), max(0, round(-top / down))
    x2 = min(width, max(x1 + 1, round((input_hw[1] - left) / across)))
    y2 = min(height, max(y1 + 1, round((input_hw[0] - top) / down)))
    return pixels[y1:y2, x1:x2]
