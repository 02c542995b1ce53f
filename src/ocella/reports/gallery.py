"""Pictures inside a page: encoded in it, in a grid or in pairs."""

import io
from base64 import b64encode
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ocella.errors import InvalidValue
from ocella.reports.markup import Html, tag
from ocella.types import Image

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

__all__ = ["gallery", "pair", "picture", "side_by_side"]


def picture(
    image: Image, caption: object = "", *, alt: str | None = None, max_side: int = 480, quality: int = 80
) -> Html:
    """A figure that holds the picture itself as JPEG, shrunk to `max_side` pixels; `alt` defaults to the caption."""
    if max_side < 1 or not 1 <= quality <= 95:
        raise InvalidValue(f"max_side must be at least 1 and quality 1 to 95, got {max_side} and {quality}.")
    from PIL import Image as PilImage

    pixels = PilImage.fromarray(image.pixels)
    pixels.thumbnail((max_side, max_side), PilImage.Resampling.LANCZOS)
    width, height = pixels.size
    told = alt if alt is not None else ("Picture" if not caption or isinstance(caption, Html) else str(caption))
    source = f"data:image/jpeg;base64,{b64encode(_jpeg(pixels, quality)).decode()}"
    shown = tag("img", src=source, alt=told, width=width, height=height, loading="lazy", decoding="async")
    words = tag("figcaption", caption) if caption else Html()
    return tag("figure", shown, words, class_="picture fill" if width >= 200 else "picture")


def gallery(pictures: Sequence[Html], *, empty: str = "No pictures.") -> Html:
    """Figures in a grid that fits the width."""
    return tag("div", *pictures, class_="gallery") if pictures else tag("p", empty, class_="empty")


def pair(left: Html, right: Html, caption: object = "") -> Html:
    """Two figures to compare, side by side or one above the other on a phone, under one caption."""
    words = tag("figcaption", caption) if caption else Html()
    return tag("figure", left, right, words, class_="pair")


def side_by_side(figures: Sequence[Html], caption: object = "") -> Html:
    """Two or three figures to compare, under one caption; one alone stands as wide as one of three."""
    words = tag("figcaption", caption) if caption else Html()
    return tag("figure", *figures, words, class_="pair" if len(figures) == 2 else "pair three")


def _jpeg(pixels: "Pixels", quality: int) -> bytes:
    """JPEG bytes with full colour resolution: thin coloured boxes stay sharp."""
    buffer = io.BytesIO()
    pixels.save(buffer, "JPEG", quality=quality, subsampling=0)
    return buffer.getvalue()
