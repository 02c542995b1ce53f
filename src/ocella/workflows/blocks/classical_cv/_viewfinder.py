"""What a camera's viewfinder shows over a picture; all draw into the pixels they are given."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.types import Image

__all__ = ["center", "grid", "panel", "peaking", "stripes", "with_value"]

Pixels = npt.NDArray[np.uint8]
Color = tuple[int, int, int]

_RED, _GREEN, _BLUE, _WHITE, _BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)
_STRIPE = 8
_SHARP = 0.3
"""Share of the sharpest place from which on a place counts as sharp."""


def stripes(pixels: Pixels, dark: npt.NDArray[np.bool_], bright: npt.NDArray[np.bool_]) -> None:
    """Slanted stripes, blue where it is too dark and red where too bright."""
    rows, columns = np.ogrid[: pixels.shape[0], : pixels.shape[1]]
    striped = (rows + columns) // _STRIPE % 2 == 0
    _tint(pixels, dark & striped, _BLUE, 0.5)
    _tint(pixels, bright & striped, _RED, 0.5)


def peaking(pixels: Pixels, sharp: npt.NDArray[np.float32]) -> None:
    """Green over what is sharp."""
    if sharp.max() > 0:
        _tint(pixels, (sharp / sharp.max() * 255).astype(np.uint8) > int(_SHARP * 255), _GREEN, 0.6)


def center(pixels: Pixels) -> None:
    """A cross in the middle."""
    import cv2

    height, width = pixels.shape[:2]
    arm, thick = int(20 * _scale(pixels)), max(1, int(1.6 * _scale(pixels)))
    x, y = width // 2, height // 2
    cv2.line(pixels, (x - arm, y), (x + arm, y), _WHITE, thick)
    cv2.line(pixels, (x, y - arm), (x, y + arm), _WHITE, thick)


def grid(pixels: Pixels, parts: int) -> None:
    """Lines that cut the picture into `parts` by `parts`."""
    import cv2

    height, width = pixels.shape[:2]
    for i in range(1, parts):
        x, y = width * i // parts, height * i // parts
        cv2.line(pixels, (x, 0), (x, height), (128, 128, 128), 1)
        cv2.line(pixels, (0, y), (width, y), (128, 128, 128), 1)


def panel(pixels: Pixels, original: Pixels, grey: Pixels, value: float) -> None:
    """A dark panel, top left: the measure, and how often each brightness occurs, by channel and in white for all."""
    import cv2

    scale = _scale(pixels)
    margin, pad, wide, tall, line = (int(v * scale) for v in (12, 14, 180, 50, 22))
    right, bottom = margin + 2 * pad + wide, margin + 3 * pad + 2 * line + tall
    inside = pixels[margin:bottom, margin:right]
    inside[:] = inside * 0.3
    cv2.rectangle(pixels, (margin, margin), (right, bottom), (80, 80, 80), 1)
    _write(pixels, f"Focus {value:.1f}", (margin + pad, margin + pad + line // 2), 0.5 * scale)
    _write(pixels, "Exposure", (margin + pad, margin + pad + 2 * line), 0.4 * scale)
    base = bottom - pad
    x = np.linspace(margin + pad, margin + pad + wide - 1, 256)
    channels: list[tuple[Any, Color]] = [(original[..., c], color) for c, color in enumerate((_RED, _GREEN, _BLUE))]
    for channel, color in (*channels, (grey, _WHITE)):
        counts = np.bincount(channel.reshape(-1), minlength=256)
        points = np.stack([x, base - counts / counts.max() * tall], axis=1).astype(np.int32)
        cv2.polylines(pixels, [points], False, color, max(1, int(1.6 * scale)))


def with_value(image: Image, value: float) -> Image:
    """The image with the measure written on it."""
    import cv2

    pixels = np.array(image.pixels)
    cv2.putText(pixels, f"Focus value: {value:.2f}", (10, 30), cv2.FONT_HERSHEY_SIMPLEX, 1, _WHITE, 2)
    return image.derive(pixels)


def _tint(pixels: Pixels, where: npt.NDArray[np.bool_], color: Color, strength: float) -> None:
    pixels[where] = (pixels[where] * (1 - strength) + np.array(color) * strength).astype(np.uint8)


def _scale(pixels: Pixels) -> float:
    return float(np.clip(min(pixels.shape[:2]) / 720, 0.4, 2.5))


def _write(pixels: Pixels, text: str, at: tuple[int, int], size: float) -> None:
    import cv2

    for color, thick in ((_BLACK, 3), (_WHITE, 1)):
        cv2.putText(pixels, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, color, thick)
