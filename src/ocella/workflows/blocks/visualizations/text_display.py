"""Text on the image."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field

from ocella.ops.lettering import Strokes
from ocella.ops.paint import paint_plate
from ocella.types import Image
from ocella.workflows.block import Block
from ocella.workflows.blocks.visualizations._base import ColorText, Length, Pixels, rgb
from ocella.workflows.kinds import Unit
from ocella.workflows.problems import nearest
from ocella.workflows.query import Operations

__all__ = ["UNITS"]

_GAP = re.compile(r"{{\s*\$parameters\.(\w+)\s*}}")
_SHARES = {"left": 0.0, "top": 0.0, "center": 0.5, "right": 1.0, "bottom": 1.0}
Box = tuple[int, int, int, int]


def _clear(color: str) -> bool:
    return color.strip().lower() == "transparent"


def _known(color: str) -> str:
    if not _clear(color):
        rgb(color)
    return color


PlateColor = Annotated[str, AfterValidator(_known)]


class TextDisplay(Block):
    """Write `text` on the image; every {{ $parameters.name }} in it is replaced by that value of `text_parameters`, after its
    `text_parameters_operations`. It goes to `position_x`, `position_y` (`absolute`), or to a place of the image moved by
    `offset_x`, `offset_y` (`relative`), and stays within the image. A `background_color` may be "transparent".
    """

    type = "text_display@v1"
    output = "image"
    ignored = frozenset({"copy_image"})
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}, {"type": "WorkflowParameter", "name": "count"}],
        "steps": [
            {
                "type": "text_display",
                "name": "sign",
                "image": "$inputs.image",
                "text": "cars: {{ $parameters.n }}",
                "text_parameters": {"n": "$inputs.count"},
                "anchor": "top_right",
                "offset_x": -10,
            }
        ],
        "outputs": [{"type": "JsonField", "name": "image", "selector": "$steps.sign.image"}],
    }

    text: str
    text_parameters_operations: dict[str, Operations] = {}  # a default, never changed
    text_color: ColorText = "WHITE"
    background_color: PlateColor = "BLACK"
    background_opacity: Unit = 1.0
    font_scale: Annotated[float, Field(ge=0.1, le=10)] = 1.0
    font_thickness: Annotated[int, Field(ge=1, le=10)] = 2
    padding: Length = 10
    text_align: Literal["left", "center", "right"] = "left"
    border_radius: Length = 0
    position_mode: Literal["absolute", "relative"] = "relative"
    position_x: int = 0
    position_y: int = 0
    anchor: Literal[
        "center",
        "top_left",
        "top_center",
        "top_right",
        "bottom_left",
        "bottom_center",
        "bottom_right",
        "center_left",
        "center_right",
    ] = "top_left"
    offset_x: int = 10
    offset_y: int = 10

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """Gaps and operations that no parameter fills."""
        given, text = step.get("text_parameters") or {}, step.get("text")
        if not isinstance(given, Mapping):
            return []
        operations = step.get("text_parameters_operations") or {}
        asked = [("text_parameters_operations", n) for n in (operations if isinstance(operations, Mapping) else ())]
        asked += [("text", n) for n in dict.fromkeys(_GAP.findall(text if isinstance(text, str) else ""))]
        return [(f, f"names of 'text_parameters', not '{n}'", nearest(n, given)) for f, n in asked if n not in given]

    def run(self, image: Image, text_parameters: dict[str, Any] = {}) -> Image:  # noqa: B006  # never changed
        """The image with the text on it."""
        lines, pen = self._filled(text_parameters).split("\n"), Strokes(self.font_scale, self.font_thickness)
        wide = [pen.measure(line)[0] if line.strip() else 0 for line in lines]
        capital, line_height, gap = self._heights()
        size = max(wide) + 2 * self.padding, len(lines) * (line_height + gap) - gap + 2 * self.padding
        left, top = self._corner(size, image.size_hw)
        pixels = image.pixels.copy()
        self._plate(pixels, (left, top, min(left + size[0], image.width), min(top + size[1], image.height)))
        for row, (line, width) in enumerate(zip(lines, wide, strict=True)):
            x = left + self.padding + int((max(wide) - width) * _SHARES[self.text_align])
            y = top + self.padding + row * (line_height + gap) + capital
            if line.strip():
                pen.write(pixels, line, (x, y), rgb(self.text_color))
        return image.derive(pixels)

    def _filled(self, parameters: Mapping[str, Any]) -> str:
        def value(match: re.Match[str]) -> str:
            name = match[1]
            if name not in parameters:
                return match[0]
            chain = self.text_parameters_operations.get(name)
            return str(parameters[name] if chain is None else chain(parameters[name], {}))

        return _GAP.sub(value, self.text)

    def _heights(self) -> tuple[int, int, int]:
        """Of capitals, of a line with what hangs below, and of the space between lines."""
        import cv2

        (_, capital), below = cv2.getTextSize("Ag", cv2.FONT_HERSHEY_SIMPLEX, self.font_scale, self.font_thickness)
        return capital, capital + below, max(1, round(0.25 * (capital + below)))

    def _corner(self, size: tuple[int, int], size_hw: tuple[int, int]) -> tuple[int, int]:
        """Top left of the plate, moved into the image."""
        x, y = self.position_x, self.position_y
        height, width = size_hw
        if self.position_mode == "relative":
            words = self.anchor.split("_")
            across, down = _SHARES[words[-1]], _SHARES[words[0]]
            x = round(across * width) - round(across * size[0]) + self.offset_x
            y = round(down * height) - round(down * size[1]) + self.offset_y
        return max(0, min(x, width - size[0])), max(0, min(y, height - size[1]))

    def _plate(self, pixels: Pixels, box: Box) -> None:
        import cv2

        if _clear(self.background_color) or self.background_opacity == 0:
            return
        left, top, right, bottom = box
        part = pixels[top:bottom, left:right]
        filled = part.copy()
        paint_plate(filled, (0, 0, right - left - 1, bottom - top - 1), rgb(self.background_color), self.border_radius)
        part[:] = cv2.addWeighted(filled, self.background_opacity, part, 1 - self.background_opacity, 0)


UNITS = (TextDisplay,)
