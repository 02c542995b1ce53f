"""Texts on objects."""

from typing import Any, Literal

from ocella.ops.anchors import Anchor
from ocella.ops.lettering import Lettering, Strokes
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
from ocella.workflows.blocks.visualizations._label_text import Capital, label_texts, sized

__all__ = ["UNITS"]

_LIMITS = (0.3, 5.0)


class LabelVisualization(Colored):
    """Write on each object what it is. `text`: Class, Confidence, Class and Confidence, Index, Dimensions, Area, Area (mask),
    Area (converted), Tracker Id, Time In Zone, or the name of a column of the objects. With `text_size_mode` Automatic,
    `text_scale` is for an image whose shorter side is 1080.
    """

    type = "label_visualization@v2"
    aliases = ("LabelVisualization",)
    example = drawing_example("label_visualization", text="Class and Confidence")

    text: str = "Class"
    text_position: Anchor = "TOP_LEFT"
    text_color: ColorText = "WHITE"
    text_size_mode: Literal["Manual", "Automatic"] = "Manual"
    text_scale: Capital = 1.0
    text_thickness: Length = 1
    text_padding: Length = 10
    border_radius: Length = 0

    @classmethod
    def upgrade(cls, step: dict[str, Any], version: int) -> dict[str, Any]:
        """Version 1 knows no automatic size."""
        return {**step, "text_size_mode": "Manual"} if version < 2 else step

    def draw(self, pixels: Pixels, found: Detections) -> None:
        """The labels."""
        size_hw = pixels.shape[0], pixels.shape[1]
        scale = sized(self.text_scale, self.text_size_mode, _LIMITS, size_hw)
        letters = Lettering(
            Strokes(scale, self.text_thickness), rgb(self.text_color), self.text_padding, self.border_radius
        )
        texts, spots = label_texts(found, self.text), places(found, self.text_position)
        for text, (x, y), color in zip(texts, spots, self.colors(found), strict=True):
            letters.label(pixels, text, (x, y), self.text_position, color)


UNITS = (LabelVisualization,)
