"""Example images of a class: the path of one, and after `#xywh=` the part of it that shows the thing.

`bolt.png#xywh=10,20,100,80` is the box 100 wide and 80 high at (10, 20), in pixels: a media fragment as the W3C has them.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.media.load import load
from ocella.types import Image

__all__ = ["read_exemplar"]

_MARK = "#xywh="


def read_exemplar(text: str) -> tuple[Image, npt.NDArray[np.float32] | None]:
    """The image and the box (4,) of the thing in it, None where it is the whole. Raises NotFound, Unreadable and, for a
    box that is none or lies outside, InvalidValue.
    """
    path, mark, numbers = text.partition(_MARK)
    image = load(Path(path))
    return image, _box(text, numbers, image) if mark else None


def _box(text: str, numbers: str, image: Image) -> npt.NDArray[np.float32]:
    try:
        left, top, width, height = map(float, numbers.split(","))
    except ValueError as error:
        raise InvalidValue(
            f"The example '{text}' must end with four numbers, like {_MARK}left,top,width,height."
        ) from error
    right, bottom = left + width, top + height
    if not (0 <= left < right <= image.width and 0 <= top < bottom <= image.height):
        raise InvalidValue(f"The box of '{text}' must lie inside the image of {image.width} x {image.height}.")
    return np.array([left, top, right, bottom], np.float32)
