"""A text as a QR code."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from ocella.errors import InvalidValue
from ocella.types import Image
from ocella.workflows.block import Block
from ocella.workflows.colors import as_color

__all__ = ["UNITS"]

_PIXELS = 10
"""Side of a module."""
_QUIET = 2
"""Modules of border that OpenCV draws itself."""

Level = Literal[
    "Low (~7% word recovery / highest data capacity)",
    "Medium (~15% word recovery)",
    "Quartile (~25% word recovery)",
    "High (~30% word recovery / lowest data capacity)",
]


class QrCodeGenerator(Block):
    """Draw a QR code of the smallest version that holds the text, 10 pixels a module. Readers want a `border` of 4 modules,
    and dark on light.
    """

    type = "qr_code_generator@v1"
    aliases = ("QRCodeGenerator",)
    output = "qr_code"
    example = {
        "inputs": [{"type": "WorkflowParameter", "name": "address", "default_value": "https://example.com"}],
        "steps": [{"type": "qr_code_generator", "name": "code", "text": "$inputs.address"}],
        "outputs": [{"type": "JsonField", "name": "code", "selector": "$steps.code.qr_code"}],
    }

    text: Annotated[str, Field(min_length=1)]
    error_correct: Level = "Medium (~15% word recovery)"
    border: Annotated[int, Field(ge=0, le=100)] = 4
    fill_color: str = "black"
    back_color: str = "white"

    def run(self) -> Image:
        """The code."""
        import cv2

        options = cv2.QRCodeEncoder.Params()
        options.correction_level = "LMQH".index(self.error_correct[0])
        try:
            drawn = np.asarray(cv2.QRCodeEncoder.create(options).encode(self.text))
        except cv2.error as error:
            raise InvalidValue(
                f"The text is too long for a QR code with this error correction: {len(self.text)} characters. Shorten it "
                "or take a lower correction."
            ) from error
        dark = np.pad(drawn[_QUIET:-_QUIET, _QUIET:-_QUIET] == 0, self.border)
        dark = dark.repeat(_PIXELS, axis=0).repeat(_PIXELS, axis=1)
        colors = np.array([_color(self.back_color), _color(self.fill_color)], np.uint8)
        return Image(colors[dark.astype(np.intp)])


def _color(text: str) -> tuple[int, ...]:
    """Also the names of CSS that as_color does not know."""
    try:
        return as_color(text.strip())
    except InvalidValue:
        from PIL import ImageColor

        try:
            return ImageColor.getrgb(text.strip())[:3]
        except ValueError:
            pass
        raise


UNITS = (QrCodeGenerator,)
