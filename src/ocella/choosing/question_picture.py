"""The picture that goes with a question: the thing in question enlarged with what is around it, and where it is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ocella.choosing.question import Question
from ocella.ops.lettering import Face, Lettering
from ocella.ops.paint import lay, paint_bones, paint_dots
from ocella.ops.palette import Color, class_color, text_color
from ocella.types import Detections, Image, Keypoints, Masks

__all__ = ["MOST_NUMBERED", "draw_question"]

MOST_NUMBERED = 9
"""Other boxes that one key can choose."""
_PAPER: Color = (32, 32, 32)
_MARK: Color = (255, 220, 0)
_EDGE: Color = (0, 0, 0)
_HUES = (1, 2, 4, 5, 6, 7, 8, 9, 11)
"""Colours of the other boxes: those unlike the mark."""
_GAP = 8
_AROUND = 2.0
"""The window's side by the box's."""
_LEAST = 48
"""Pixels of the image that a window shows at least, so that a tiny thing has something around it."""
_MANY = 25
"""From so many known things on their names would hide the image."""

Pixels = npt.NDArray[np.uint8]
Window = tuple[float, float, float, float]


def draw_question(
    question: Question,
    image: Image,
    size_hw: tuple[int, int] = (640, 1120),
    *,
    box: Sequence[float] | None = None,
    numbered: bool = False,
    other: Image | None = None,
) -> Image:
    """The picture of a question within `size_hw`. `box` is drawn in place of the object's own; `numbered` shows the further
    boxes with their numbers; `other` is the second image of a pair.
    """
    height, width = size_hw
    if other is not None:
        half = (width - _GAP) // 2
        return _beside(_whole(image, (height, half)).pixels, _whole(other, (height, half)).pixels)
    shown = question.objects
    if shown is None or not len(shown):
        return Image(_whole(image, size_hw).pixels)
    if question.kind == "missing":
        view = _whole(image, size_hw)
        _paint_known(view, shown)
        return Image(view.pixels)
    further = shown.xyxy[1 : 1 + MOST_NUMBERED] if numbered else shown.xyxy[:0]
    return _one_thing(image, shown, size_hw, shown.xyxy[0] if box is None else np.asarray(box, np.float64), further)


def _one_thing(
    image: Image,
    shown: Detections,
    size_hw: tuple[int, int],
    box: npt.NDArray[np.floating],
    others: npt.NDArray[np.floating],
) -> Image:
    """Detail beside the whole; the whole alone where the detail would show as much."""
    height, width = size_hw
    aspect = image.width / image.height
    small = (height, min(int(height * aspect), round(width * 0.4)))
    room = (height, width - small[1] - _GAP)
    window = _window(np.vstack([box[None], shown.xyxy[:1], others]), image, room)
    if (window[2] - window[0]) * (window[3] - window[1]) > 0.6 * image.width * image.height:
        view = _whole(image, size_hw)
        _paint_thing(view, shown, box, others)
        return Image(view.pixels)
    detail, whole = _view(image, window, room), _whole(image, small)
    _paint_thing(detail, shown, box, others)
    _frame(whole, box, _MARK, least=14)
    return _beside(detail.pixels, whole.pixels)


@dataclass(frozen=True)
class _View:
    """A part of the image at another size: root pixel = offset + view pixel / scale."""

    pixels: Pixels
    offset: tuple[float, float]
    scale: float

    def places(self, points: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """Pixels of the image (..., 2) in pixels of the view."""
        return (np.asarray(points, np.float64) - self.offset) * self.scale


def _window(boxes: npt.NDArray[np.floating], image: Image, room: tuple[int, int]) -> Window:
    """What to look at: the boxes with as much again around them, in the shape of the room, moved into the image."""
    (x1, y1), (x2, y2) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    shape = room[1] / room[0]
    tall = max(_AROUND * float(y2 - y1), _AROUND * float(x2 - x1) / shape, _LEAST, _LEAST / shape)
    tall, wide = min(tall, image.height), min(tall * shape, image.width)
    left = float(np.clip((x1 + x2 - wide) / 2, 0, image.width - wide))
    top = float(np.clip((y1 + y2 - tall) / 2, 0, image.height - tall))
    return left, top, left + wide, top + tall


def _whole(image: Image, room: tuple[int, int]) -> _View:
    return _view(image, (0, 0, image.width, image.height), room)


def _view(image: Image, window: Window, room: tuple[int, int]) -> _View:
    """The window, by whole pixels, as large as the room allows."""
    import cv2

    left, top, right, bottom = (int(window[0]), int(window[1]), int(np.ceil(window[2])), int(np.ceil(window[3])))
    part = image.pixels[top:bottom, left:right]
    scale = min(room[0] / part.shape[0], room[1] / part.shape[1])
    size = max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return _View(np.asarray(cv2.resize(part, size, interpolation=way), np.uint8), (left, top), scale)


def _paint_thing(
    view: _View, shown: Detections, box: npt.NDArray[np.floating], others: npt.NDArray[np.floating]
) -> None:
    """The thing in question as its kind shows it; other boxes thinner, with their numbers."""
    if shown.masks is not None:
        _outline(view, shown.masks[np.array([0])])
    if shown.keypoints is not None:
        _points(view, shown.keypoints)
    colors = [class_color(_HUES[place]) for place in range(len(others))]
    for other, color in zip(others, colors, strict=True):
        _frame(view, other, color, line=1)
    if shown.masks is None:
        _frame(view, box, _MARK, line=3)
    _tags(view, [str(place + 1) for place in range(len(others))], others, colors)


def _paint_known(view: _View, shown: Detections) -> None:
    colors = [class_color(int(i)) for i in shown.class_id]
    for row in np.argsort(-shown.area, kind="stable"):
        _frame(view, shown.xyxy[row], colors[row])
        if shown.masks is not None:
            _outline(view, shown.masks[row])
        if shown.keypoints is not None:
            _points(view, shown.keypoints[row])
    if len(shown) <= _MANY:
        _tags(view, shown.names, shown.xyxy, colors)


def _frame(view: _View, box: npt.NDArray[np.floating], color: Color, *, line: int = 2, least: int = 0) -> None:
    """A frame around the box, outside of it, with a dark edge on both sides, so that it is seen on any ground and hides
    nothing of the thing; at least `least` pixels wide.
    """
    import cv2

    corners = view.places(np.asarray(box).reshape(2, 2))
    grow = np.maximum(0, least - (corners[1] - corners[0])) / 2
    end, edge = np.array(view.pixels.shape[1::-1]) - 1, line + 2
    first = np.maximum(np.floor(corners[0] - grow).astype(int), edge)
    last = np.minimum(np.ceil(corners[1] + grow).astype(int) - 1, end - edge)
    for reach, paint in ((1, _EDGE), (line + 2, _EDGE), *((2 + i, color) for i in range(line))):
        a, b = np.clip(first - reach, 0, end).tolist(), np.clip(last + reach, 0, end).tolist()
        cv2.rectangle(view.pixels, a, b, paint, 1)


def _tags(view: _View, texts: Sequence[str], boxes: npt.NDArray[np.floating], colors: Sequence[Color]) -> None:
    """A text on a plate at the first free corner of each box, outside of it where there is room."""
    height, width = view.pixels.shape[:2]
    taken: list[tuple[int, int, int, int]] = []
    for text, box, color in zip(texts, boxes, colors, strict=True):
        lettering = Lettering(Face(size=max(12, min(20, height // 24))), text_color(color), padding=3)
        wide, tall = lettering.size([text])
        (x1, y1), (x2, y2) = view.places(np.asarray(box).reshape(2, 2))
        corners = ((x1, y1 - tall), (x2 - wide, y2), (x2, y1), (x1 - wide, y2 - tall), (x1, y1), (x2 - wide, y2 - tall))
        places = [(int(np.clip(x, 0, width - wide)), int(np.clip(y, 0, height - tall))) for x, y in corners]
        plates = [(x, y, x + wide - 1, y + tall - 1) for x, y in places if x >= 0 and y >= 0]
        free = [p for p in plates if not any(_meet(p, other) for other in taken)]
        for plate in (free or plates)[:1]:
            taken.append(plate)
            lettering.paint(view.pixels, [text], plate, color)


def _meet(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> bool:
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


def _outline(view: _View, mask: Masks) -> None:
    """The mask's border, thin and bright on a dark line."""
    import cv2

    rings = [ring for part in mask.polygons()[0] for ring in (part.outer, *part.holes)]
    lines = [np.round(view.places(ring)).astype(np.int32) for ring in rings if len(ring) > 1]
    for color, thickness in ((_EDGE, 4), (_MARK, 2)):
        cv2.polylines(view.pixels, lines, True, color, thickness, cv2.LINE_AA)


def _points(view: _View, points: Keypoints) -> None:
    """The first object's points and the lines between them."""
    placed = Keypoints(
        view.places(points.xy[:1]).astype(np.float32), points.confidence[:1], points.visible[:1], points.skeleton
    )
    paint_bones(view.pixels, placed, points.skeleton.edges, [_MARK])
    paint_dots(view.pixels, placed, [_EDGE], 5)
    paint_dots(view.pixels, placed, [_MARK], 4)


def _beside(first: Pixels, second: Pixels) -> Image:
    """Two pictures side by side, each in the middle of the height."""
    height = max(first.shape[0], second.shape[0])
    paper = np.full((height, first.shape[1] + _GAP + second.shape[1], 3), _PAPER, np.uint8)
    lay(paper, first, (0, (height - first.shape[0]) // 2))
    lay(paper, second, (first.shape[1] + _GAP, (height - second.shape[0]) // 2))
    return Image(paper)
