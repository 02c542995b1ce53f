"""Pixels in: any still image to RGB uint8, or a named refusal. A colour profile (ICC) is ignored."""

import struct
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import Unreadable
from ocella.media.container import refuse_cut_off, refuse_foreign
from ocella.types import Image, ImageRef, Origin

__all__ = ["MAX_PIXELS", "load", "read_size"]

MAX_PIXELS = 178_956_970
"""Header sizes above this are refused before decoding; also the limit of Pillow."""

Pixels = npt.NDArray[np.uint8]

_quiet_lock = threading.Lock()
_ORIENTATION = 0x0112
_BROKEN = (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError, OverflowError, struct.error)


def load(source: Path | str | bytes | ImageRef, *, max_pixels: int = MAX_PIXELS) -> Image:
    """The image upright, RGB over white, first frame of an animation. Raises NotFound, Unreadable (also where the file
    is cut off or its header claims more than `max_pixels`).
    """
    name, data = _bytes_of(source)
    with _explained(name, data):
        picture = _open(name, data, max_pixels)
        picture.load()
        pixels = _upright(_rgb(picture), _orientation(picture))
    return Image(pixels, Origin(name))


def read_size(source: Path | str | bytes | ImageRef, *, max_pixels: int = MAX_PIXELS) -> tuple[int, int]:
    """(height, width) as `load` will give it, after decoding once at the least cost, so that a broken file is refused
    here already. Raises NotFound, Unreadable.
    """
    name, data = _bytes_of(source)
    with _explained(name, data):
        picture = _open(name, data, max_pixels)
        width, height = picture.size
        if picture.format == "JPEG":
            picture.draft("L", (1, 1))  # every byte is read, an eighth of the pixels is made
            picture.load()
        else:
            picture.load()
            width, height = picture.size
            _rgb(picture.crop((0, 0, 1, 1)) if picture.mode not in "IF" else picture)
        return (width, height) if _orientation(picture) >= 5 else (height, width)


def _bytes_of(source: Path | str | bytes | ImageRef) -> tuple[str, bytes]:
    if isinstance(source, bytes):
        return "", source
    ref = source if isinstance(source, ImageRef) else ImageRef(str(source), Path(source))
    return ref.name, ref.read()


@contextmanager
def _explained(name: str, data: bytes) -> Iterator[None]:
    from PIL import UnidentifiedImageError
    from PIL.Image import DecompressionBombError

    what = name or f"An image of {len(data)} bytes"
    try:
        yield
    except UnidentifiedImageError as error:
        raise Unreadable(
            f"{what} is not an image in a known format. Leave it out, or save it as PNG or JPEG."
        ) from error
    except DecompressionBombError as error:
        raise Unreadable(f"{what} claims more than {MAX_PIXELS} pixels. Leave it out, or cut it into tiles.") from error
    except MemoryError as error:
        raise Unreadable(f"{what} needs more memory than there is. Make it smaller, or cut it into tiles.") from error
    except _BROKEN as error:
        why = str(error).rstrip(".") or type(error).__name__
        raise Unreadable(f"{what} cannot be decoded: {why}. Get a whole copy, or save it as PNG or JPEG.") from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Pillow warns about odd metadata; what matters is raised here instead. Filters are global, hence the lock."""
    with _quiet_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _open(name: str, data: bytes, max_pixels: int) -> Any:
    from PIL import Image as Pillow

    what = name or f"An image of {len(data)} bytes"
    refuse_foreign(what, data)
    with _quiet():
        picture = Pillow.open(BytesIO(data))
    width, height = picture.size
    if width * height > max_pixels:
        raise Unreadable(
            f"{what} claims {width} x {height} pixels, more than {max_pixels}. Leave it out, or cut it into tiles."
        )
    refuse_cut_off(what, data)
    return picture


def _orientation(picture: Any) -> int:
    try:
        with _quiet():
            value = picture.getexif().get(_ORIENTATION, 1)
    except _BROKEN:  # unreadable metadata is no reason to lose the picture
        return 1
    return value if value in range(1, 9) else 1


def _upright(pixels: Pixels, orientation: int) -> Pixels:
    if orientation >= 5:
        pixels = pixels.transpose(1, 0, 2)
    if orientation in {3, 4, 7, 8}:
        pixels = pixels[::-1]
    if orientation in {2, 3, 6, 7}:
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)


def _rgb(picture: Any) -> Pixels:
    from PIL import Image as Pillow

    if picture.mode.startswith(("I", "F")):
        gray = _eight_bits(np.asarray(picture), png=picture.format == "PNG")
        return np.repeat(gray[:, :, None], 3, axis=2)
    if picture.mode in {"LA", "La", "PA", "RGBA", "RGBa"} or "transparency" in picture.info:
        if picture.mode in {"La", "RGBa"}:
            picture = picture.convert({"La": "LA", "RGBa": "RGBA"}[picture.mode])
        over = picture.convert("RGBA")
        picture = Pillow.alpha_composite(Pillow.new("RGBA", over.size, (255, 255, 255, 255)), over)
    return np.asarray(picture if picture.mode == "RGB" else picture.convert("RGB"))


def _eight_bits(values: npt.NDArray[Any], *, png: bool) -> Pixels:
    """Sixteen bits by 65535; wider integers and floats by the smallest of 1 (floats), 255, 65535 that holds them."""
    if values.dtype.itemsize == 2 or png:
        top = 65535.0
    else:
        low, high = float(values.min()), float(values.max())
        tops = [t for t in ((1.0, 255.0, 65535.0) if values.dtype.kind == "f" else (255.0, 65535.0)) if high <= t]
        if not tops or not low >= 0:
            raise ValueError(f"values from {low:g} to {high:g}, where 0 to 1, 255 or 65535 was expected")
        top = tops[0]
    return np.asarray(np.rint(values.astype(np.float32) * np.float32(255.0 / top)), dtype=np.uint8)
