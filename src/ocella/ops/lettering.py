"""Text on a filled plate, painted onto the pixels of an image."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.ops.anchors import Anchor
from ocella.ops.paint import paint_plate
from ocella.ops.palette import Color

__all__ = ["Face", "Lettering", "Pen", "Strokes", "plate_box"]

Pixels = npt.NDArray[np.uint8]
Box = tuple[int, int, int, int]
_REGULAR = 400


class Pen(ABC):
    """A way to write."""

    @abstractmethod
    def measure(self, text: str) -> tuple[int, int, int]:
        """Width of a line of text, its height, and how far its foot is below its top."""

    @abstractmethod
    def write(self, pixels: Pixels, text: str, foot: tuple[int, int], color: Color) -> None:
        """A line of text that begins at (x, y), y being what its letters stand on."""


@dataclass(frozen=True)
class Strokes(Pen):
    """OpenCV's own letters: `scale` 1 is about 20 pixels for a capital, `thickness` their boldness."""

    scale: float = 1.0
    thickness: int = 1

    def measure(self, text: str) -> tuple[int, int, int]:
        """Width, height, foot."""
        import cv2

        (wide, tall), _ = cv2.getTextSize(text or "Tg", cv2.FONT_HERSHEY_SIMPLEX, self.scale, self.thickness)
        return (wide if text else 0), tall, tall

    def write(self, pixels: Pixels, text: str, foot: tuple[int, int], color: Color) -> None:
        """One line."""
        import cv2

        cv2.putText(pixels, text, foot, cv2.FONT_HERSHEY_SIMPLEX, self.scale, color, self.thickness, cv2.LINE_AA)


@dataclass(frozen=True)
class Face(Pen):
    """Letters of a TrueType file, or OpenCV's "sans", `size` pixels high with what hangs below the line. All lines are
    equally high; letters that the file lacks come from OpenCV's own.
    """

    file: str = "sans"
    size: int = 14

    def measure(self, text: str) -> tuple[int, int, int]:
        """Width, height, foot."""
        import cv2

        *_, wide, _ = cv2.getTextSize((0, 0), text, (0, 0), _face(self.file), self.size, _REGULAR)
        return (wide if text else 0), self.size, round(self.size * 0.78)

    def write(self, pixels: Pixels, text: str, foot: tuple[int, int], color: Color) -> None:
        """One line."""
        import cv2

        cv2.putText(pixels, text, foot, color, _face(self.file), self.size, _REGULAR)


@dataclass(frozen=True)
class Lettering:
    """A pen, the colour of its letters, and the plate they are on: pixels around them, and radius of its corners."""

    pen: Pen
    color: Color = (255, 255, 255)
    padding: int = 10
    radius: int = 0

    def size(self, lines: Sequence[str]) -> tuple[int, int]:
        """Width and height of the plate under lines of text, which are `padding` apart."""
        sizes = [self.pen.measure(line) for line in lines] or [(0, 0, 0)]
        tall = sum(height for _, height, _ in sizes) + (len(sizes) + 1) * self.padding
        return max(wide for wide, _, _ in sizes) + 2 * self.padding, tall

    def paint(self, pixels: Pixels, lines: Sequence[str], box: Box, plate: Color) -> None:
        """Lines of text on a plate that fills the box."""
        paint_plate(pixels, box, plate, self.radius)
        x, y = box[0] + self.padding, box[1] + self.padding
        for line in lines:
            _, tall, foot = self.pen.measure(line)
            if line:
                self.pen.write(pixels, line, (x, y + foot), self.color)
            y += tall + self.padding

    def label(self, pixels: Pixels, text: str, place: tuple[int, int], anchor: Anchor, plate: Color) -> None:
        """Text at a point of an object: beside it on the outer side, or over it in the middle."""
        lines = text.splitlines() or [""]
        self.paint(pixels, lines, plate_box(place, self.size(lines), anchor), plate)


def plate_box(place: tuple[int, int], size: tuple[int, int], anchor: Anchor) -> Box:
    """The box of a plate of that width and height at a point: flush with the object's side above and below it, outside at
    its left and right, centred in the middle.
    """
    (x, y), (wide, tall) = place, size
    side, level = ("LEFT" in anchor) - ("RIGHT" in anchor), ("TOP" in anchor) - ("BOTTOM" in anchor)
    if not side:
        left, right = x - wide // 2, x + wide // 2
    else:
        left, right = (x, x + wide) if (side > 0) == bool(level) else (x - wide, x)
    if not level:
        return left, y - tall // 2, right, y + tall // 2
    return (left, y - tall, right, y) if level > 0 else (left, y, right, y + tall)


@lru_cache(maxsize=32)
def _face(file: str) -> Any:
    import cv2

    return cv2.FontFace(file)
