"""What drawings share: a copy of the image is drawn on, objects have colours."""

import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, Field

from ocella.errors import InvalidValue
from ocella.ops.anchors import Anchor, anchors
from ocella.ops.palette import Color, PaletteName, palette
from ocella.types import Detections, Image
from ocella.workflows.block import Block
from ocella.workflows.colors import as_color
from ocella.workflows.kinds import Objects

__all__ = ["ColorText", "Colored", "Drawing", "Length", "Painted", "Pixels", "drawing_example", "places", "rgb"]

Pixels = npt.NDArray[np.uint8]
Length = Annotated[int, Field(ge=0, le=10_000)]
_NAMES = {"GREEN": (0, 255, 0), "ROBOFLOW": (163, 81, 251)}
_BGR = re.compile(r"bgr\s*\((.*)\)", re.IGNORECASE)
_NO_TRACK: Color = (128, 128, 128)


def rgb(text: str) -> Color:
    """A colour by name (GREEN is the full one), or like "#ff8800", "rgb(255, 136, 0)", "bgr(0, 136, 255)". Raises
    InvalidValue.
    """
    plain = text.strip()
    if plain.upper() in _NAMES:
        return _NAMES[plain.upper()]
    turned = _BGR.fullmatch(plain)
    if turned is None:
        return as_color(plain)
    blue, green, red = as_color(f"({turned[1]})")
    return red, green, blue


def _known(text: str) -> str:
    rgb(text)
    return text


ColorText = Annotated[str, AfterValidator(_known)]
"""A colour as definitions write it."""


class Drawing(Block):
    """Draws objects on a copy of the image."""

    output = "image"
    ignored = frozenset({"copy_image"})

    @abstractmethod
    def draw(self, pixels: Pixels, found: Detections) -> None:
        """Draw at least one object."""

    def run(self, image: Image, predictions: Objects) -> Image:
        """The image with the drawing on it."""
        if not len(predictions):
            return image
        pixels = image.pixels.copy()
        self.draw(pixels, predictions)
        return image.derive(pixels)


class Painted(Block):
    """Takes colours from a palette, by class, by place in the list or by track."""

    color_palette: PaletteName = "DEFAULT"
    palette_size: Annotated[int, Field(ge=1, le=10_000)] = 10
    custom_colors: list[ColorText] = []  # a default, never changed
    color_axis: Literal["INDEX", "CLASS", "TRACK"] = "CLASS"

    def palette(self) -> Sequence[Color]:
        """The colours to take turns with."""
        return palette(self.color_palette, self.palette_size, tuple(rgb(c) for c in self.custom_colors))


class Colored(Painted, Drawing):
    """Draws each object in a colour of a palette."""

    def colors(self, found: Detections) -> list[Color]:
        """The colour of each object; grey for one without a track where tracks decide."""
        known = self.palette()
        if self.color_axis == "INDEX":
            return [known[i % len(known)] for i in range(len(found))]
        if self.color_axis == "CLASS":
            return [known[i % len(known)] for i in found.class_id.tolist()]
        if found.track_id is None:
            raise InvalidValue(
                "color_axis TRACK needs tracked objects, got none. Put a tracker before it, or take CLASS."
            )
        return [_NO_TRACK if i < 0 else known[i % len(known)] for i in found.track_id.tolist()]


def places(found: Detections, anchor: Anchor) -> list[list[int]]:
    """A point of each object in whole pixels."""
    points: list[list[int]] = np.clip(anchors(found, anchor), -30_000, 30_000).astype(int).tolist()
    return points


def drawing_example(family: str, predictions: str = "object_detection", **fields: Any) -> Mapping[str, Any]:
    """A definition that draws what is given beside an image."""
    kind = f"{predictions}_prediction"
    return {
        "inputs": [
            {"type": "WorkflowImage", "name": "image"},
            {"type": "WorkflowBatchInput", "name": "objects", "kind": [kind]},
        ],
        "steps": [
            {"type": family, "name": "draw", "image": "$inputs.image", "predictions": "$inputs.objects", **fields}
        ],
        "outputs": [{"type": "JsonField", "name": "image", "selector": "$steps.draw.image"}],
    }
