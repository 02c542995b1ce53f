"""Texts on objects, in a font of one's choice."""

import textwrap
from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from ocella.ops.anchors import Anchor
from ocella.ops.lettering import Face, Lettering, plate_box
from ocella.types import Detections
from ocella.workflows.blocks.visualizations._base import (
    Colored,
    ColorText,
    Length,
    Pixels,
    drawing_example,
    places,
    rgb,
)
from ocella.workflows.blocks.visualizations._label_text import label_texts, sized

__all__ = ["UNITS"]

_LIMITS = (8, 128)
_SPELLED = {"Ibm Plex Mono": "IBM Plex Mono", "Jetbrains Mono": "JetBrains Mono", "Pt Mono": "PT Mono"}


def _spelled(name: object) -> object:
    """`fira_code` as Fira Code."""
    if not isinstance(name, str) or not name.islower():
        return name
    title = name.replace("_", " ").title()
    return _SPELLED.get(title, title)


Font = Annotated[
    Literal[
        "Anonymous Pro",
        "Courier Prime",
        "Fira Code",
        "Geist",
        "Geist Mono",
        "IBM Plex Mono",
        "Inconsolata",
        "Inter",
        "JetBrains Mono",
        "Lato",
        "Montserrat",
        "Noto Sans",
        "Nunito Sans",
        "Open Sans",
        "PT Mono",
        "Roboto",
        "Roboto Mono",
        "Source Code Pro",
        "Space Mono",
        "Work Sans",
    ],
    BeforeValidator(_spelled),
]


class RichLabelVisualization(Colored):
    """Write on each object what it is, as label_visualization does, in a font that this machine has installed; in a plain sans
    serif where it has not. Letters of all scripts are drawn. Lines longer than `max_line_length` characters are broken. With
    `text_size_mode` Automatic, `font_size` is for an image whose shorter side is 1080.
    """

    type = "rich_label_visualization@v1"
    example = drawing_example("rich_label_visualization", font_size=24)

    text: str = "Class"
    text_position: Anchor = "TOP_LEFT"
    text_color: ColorText = "WHITE"
    font_family: Font = "Geist Mono"
    text_size_mode: Literal["Manual", "Automatic"] = "Manual"
    font_size: Annotated[int, Field(ge=1, le=1000)] = 14
    text_padding: Length = 10
    border_radius: Length = 0
    max_line_length: Annotated[int, Field(ge=1)] | None = None

    def draw(self, pixels: Pixels, found: Detections) -> None:
        """The labels."""
        size = sized(self.font_size, self.text_size_mode, _LIMITS, (pixels.shape[0], pixels.shape[1]))
        face = Face(_file(self.font_family), round(size))
        letters = Lettering(face, rgb(self.text_color), self.text_padding, self.border_radius)
        texts, spots = label_texts(found, self.text), places(found, self.text_position)
        for text, (x, y), color in zip(texts, spots, self.colors(found), strict=True):
            lines = self._lines(text)
            letters.paint(pixels, lines, plate_box((x, y), letters.size(lines), self.text_position), color)

    def _lines(self, text: str) -> list[str]:
        lines = text.splitlines() or [""]
        if self.max_line_length is None:
            return lines
        return [part for line in lines for part in textwrap.wrap(line, self.max_line_length) or [""]]


@lru_cache(maxsize=32)
def _file(family: str) -> str:
    """The file of an installed font; OpenCV's "sans" where there is none."""
    from PIL import ImageFont

    for name in _names(family.replace(" ", "")):
        try:
            return str(ImageFont.truetype(name, 10).path)
        except OSError:
            continue
    return "sans"


def _names(family: str) -> Iterator[str]:
    for ending in ("-Regular", "", "[wght]", "-VariableFont_wght"):
        yield f"{family}{ending}.ttf"
        yield f"{family}{ending}.otf"


UNITS = (RichLabelVisualization,)
