"""Images as a network of transformers takes them, by the library's own preparation without torchvision."""

from collections.abc import Sequence
from typing import Any

from ocella.types import Image

__all__ = ["centre_strip", "pixel_values"]

_LONGEST = 16
"""How many times its width a picture may be long where only its middle square is looked at."""


def pixel_values(processor: Any, images: Sequence[Image]) -> dict[str, Any]:
    """The processor's tensors of a batch, by name. Of very long images only the middle is prepared where it crops."""
    crops = processor.size is not None and bool(processor.size.shortest_edge)
    pictures = [centre_strip(i).pixels if crops else i.pixels for i in images]
    return dict(processor(pictures, input_data_format="channels_last", return_tensors="pt"))


def centre_strip(image: Image) -> Image:
    """The middle of an image that is more than 16 times as long as wide, which the square crop comes from: scaled up
    whole, one pixel by ten thousand would fill the memory.
    """
    short, long = min(image.size_hw), max(image.size_hw)
    most = short * _LONGEST
    if long <= most:
        return image
    start = (long - most) // 2
    part = slice(start, start + most)
    return Image(image.pixels[part] if image.height == long else image.pixels[:, part])
