"""Results drawn onto their image."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.ops.cutouts import cutouts
from ocella.ops.paint import blend
from ocella.ops.palette import Color, class_color, text_color
from ocella.types import Classification, DepthMap, Detections, Image, Keypoints, Masks, SegmentationMap, TextLines

__all__ = ["draw"]

Value = Detections | Classification | TextLines | SegmentationMap | DepthMap


def draw(image: Image, value: Value) -> Image:
    """A copy of the image with the result on it: boxes, masks, keypoints, best classes, text, a class map or distance."""
    painter = _PAINTERS.get(type(value))
    if painter is None:
        known = ", ".join(kind.__name__ for kind in _PAINTERS)
        raise InvalidValue(f"A drawing shows one of {known}, got {type(value).__name__}.")
    canvas = _Canvas(image.pixels.copy())
    painter(canvas, value)
    return Image(canvas.pixels, image.origin)


@dataclass
class _Canvas:
    """Pixels under the brush, sizes that suit them, and where text already is."""

    pixels: npt.NDArray[np.uint8]
    taken: list[tuple[int, int, int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.height, self.width = self.pixels.shape[:2]
        side = float(np.sqrt(self.height * self.width))
        self.line = max(1, round(side / 270))
        self.text_size = max(10, round(side / 38))

    def box(self, xyxy: npt.NDArray[np.floating], color: Color) -> None:
        import cv2

        x1, y1, x2, y2 = (round(float(v)) for v in xyxy)
        cv2.rectangle(self.pixels, (x1, y1), (max(x1, x2 - 1), max(y1, y2 - 1)), color, self.line)

    def polygon(self, points: npt.NDArray[np.floating], color: Color) -> None:
        import cv2

        cv2.polylines(self.pixels, [np.round(points).astype(np.int32)], True, color, self.line, cv2.LINE_AA)

    def label(self, text: str, corner: tuple[float, float], color: Color, below: float | None = None) -> None:
        """Text on a plate at the top left corner of a thing: above it, or where that is free and in the image."""
        wide, tall = self._measure(text)
        x = int(np.clip(round(corner[0]) - self.line // 2, 0, max(0, self.width - wide)))
        top = round(corner[1])
        places = [top - tall, top, *([] if below is None else [round(below)]), top + tall]
        free = [y for y in places if 0 <= y <= self.height - tall and not self._hits(x, y, wide, tall)]
        y = free[0] if free else int(np.clip(top - tall, 0, max(0, self.height - tall)))
        self.taken.append((x, y, x + wide, y + tall))
        self.plate([text], (x, y), color)

    def plate(self, lines: list[str], at: tuple[int, int], color: Color, strength: float = 1.0) -> None:
        """Lines of text on a filled rectangle."""
        import cv2

        wide, tall = max(self._measure(line)[0] for line in lines), self._measure("")[1]
        x, y = at
        part = self.pixels[y : y + tall * len(lines), x : x + wide]
        blend(part, None, color, strength)
        face = cv2.FontFace("sans")
        for i, line in enumerate(lines):
            foot = (x + self._margin, y + i * tall + round(self.text_size * 0.98))
            cv2.putText(self.pixels, line, foot, text_color(color), face, self.text_size, 400)

    @property
    def _margin(self) -> int:
        return max(2, round(self.text_size / 4))

    def _measure(self, text: str) -> tuple[int, int]:
        import cv2

        *_, wide, _ = cv2.getTextSize((0, 0), text, (0, 0), cv2.FontFace("sans"), self.text_size, 400)
        return wide + 2 * self._margin, round(self.text_size * 1.3)

    def _hits(self, x: int, y: int, wide: int, tall: int) -> bool:
        return any(x < right and left < x + wide and y < low and up < y + tall for left, up, right, low in self.taken)


def _detections(canvas: _Canvas, found: Detections) -> None:
    """Large things first, so that small ones stay in sight; labels last, on top."""
    order = np.argsort(-found.area, kind="stable").tolist()
    colors = [class_color(int(i)) for i in found.class_id]
    if found.masks is not None:
        _masks(canvas, found.masks, order, colors)
    for i in order:
        canvas.box(found.xyxy[i], colors[i])
    if found.keypoints is not None:
        for i in order:
            _keypoints(canvas, found.keypoints, i, colors[i])
    for i in order:
        x1, y1, _, y2 = (float(v) for v in found.xyxy[i])
        canvas.label(f"{found.names[i]} {found.confidence[i]:.2f}", (x1, y1), colors[i], y2)


def _masks(canvas: _Canvas, masks: Masks, order: list[int], colors: list[Color]) -> None:
    import cv2

    parts = cutouts(masks, (canvas.height, canvas.width))
    for part, color in ((parts[i], colors[i]) for i in order if parts[i].inside.size):
        blend(part.of(canvas.pixels), part.inside, color, 0.5)
        rings, _ = cv2.findContours(part.inside, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE, offset=(part.x, part.y))
        cv2.drawContours(canvas.pixels, rings, -1, color, max(1, canvas.line // 2), cv2.LINE_AA)


def _keypoints(canvas: _Canvas, points: Keypoints, row: int, color: Color) -> None:
    import cv2

    places = [(round(float(x)), round(float(y))) for x, y in points.xy[row]]
    seen = points.visible[row]
    for a, b in points.skeleton.edges:
        if seen[a] and seen[b]:
            cv2.line(canvas.pixels, places[a], places[b], color, canvas.line, cv2.LINE_AA)
    for place in (p for p, shown in zip(places, seen, strict=True) if shown):
        cv2.circle(canvas.pixels, place, canvas.line + 2, (255, 255, 255), -1, cv2.LINE_AA)
        cv2.circle(canvas.pixels, place, canvas.line + 1, color, -1, cv2.LINE_AA)


def _classification(canvas: _Canvas, value: Classification) -> None:
    lines = [f"{score:.2f}  {name}" for name, score in value.top(5)]
    canvas.plate(lines or ["no classes"], (0, 0), (0, 0, 0), 0.65)


def _text_lines(canvas: _Canvas, value: TextLines) -> None:
    for polygon in value.polygons:
        canvas.polygon(polygon, class_color(6))
    for polygon, text in zip(value.polygons, value.texts, strict=True):
        x, y = polygon.min(axis=0).tolist()
        canvas.label(text, (x, y), class_color(6), float(polygon[:, 1].max()))


def _segmentation_map(canvas: _Canvas, value: SegmentationMap) -> None:
    if value.class_id.shape != (canvas.height, canvas.width):
        raise InvalidValue(
            f"The class map must be of the image's {(canvas.height, canvas.width)}, got {value.class_id.shape}."
        )
    shares = {i: s for i, s in enumerate(value.share().values()) if s > 0}
    for i in shares:
        blend(canvas.pixels, (value.class_id == i).astype(np.uint8), class_color(i), 0.5)
    for place, i in enumerate(sorted(shares, key=lambda i: -shares[i])[:8]):
        canvas.label(f"{value.classes[i]} {shares[i]:.0%}", (0, place * canvas.text_size * 1.3), class_color(i))


def _depth_map(canvas: _Canvas, value: DepthMap) -> None:
    """In place of the picture: near is red, far is blue."""
    import cv2

    if value.depth.shape != (canvas.height, canvas.width):
        raise InvalidValue(
            f"The depth map must be of the image's {(canvas.height, canvas.width)}, got {value.depth.shape}."
        )
    near, far = float(value.depth.min()), float(value.depth.max())
    nearness = np.rint(255 * (far - value.depth) / max(far - near, 1e-12)).astype(np.uint8)
    canvas.pixels[:] = cv2.applyColorMap(nearness, cv2.COLORMAP_TURBO)[:, :, ::-1]
    unit = " m" if value.metric else ""
    canvas.plate([f"{near:.3g} to {far:.3g}{unit}"], (0, 0), (0, 0, 0), 0.65)


_PAINTERS: Mapping[type, Callable[[_Canvas, Any], None]] = {
    Detections: _detections,
    Classification: _classification,
    TextLines: _text_lines,
    SegmentationMap: _segmentation_map,
    DepthMap: _depth_map,
}
