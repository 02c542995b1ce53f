"""Boxes as language models write them, in pixels of the image."""

import math
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["MODELS", "Found", "florence_boxes", "upload_size"]

Box = list[float]
Found = tuple[Box, str, float]
"""A box x1, y1, x2, y2 in pixels, its label, its confidence."""
ToPixels = Callable[[Box, int, int], Box]
"""From a box as it is written, with the width and height of the image."""

_CORNERS = ("x_min", "y_min", "x_max", "y_max")
_LABELS = ("class_name", "label", "class", "description")
_TILE, _MAX_EDGE, _MAX_TILES = 28, 2576, 4784
_OPENAI_EDGE = 2048
_SMALL = 2


def _share(of: float, *, rows_first: bool = False) -> ToPixels:
    """Written as a share of the image, of 1, 100 or 1000."""

    def to_pixels(box: Box, width: int, height: int) -> Box:
        y1, x1, y2, x2 = box if rows_first else (box[1], box[0], box[3], box[2])
        return [x1 / of * width, y1 / of * height, x2 / of * width, y2 / of * height]

    return to_pixels


def _of_upload(size: Callable[[int, int], tuple[int, int]]) -> ToPixels:
    """Written in pixels of the smaller image that was sent."""

    def to_pixels(box: Box, width: int, height: int) -> Box:
        sent_width, sent_height = size(width, height)
        x, y = width / sent_width, height / sent_height
        return [box[0] * x, box[1] * y, box[2] * x, box[3] * y]

    return to_pixels


def _longest_edge(width: int, height: int) -> tuple[int, int]:
    """The size in which an image is sent whose longest edge may have 2048 pixels."""
    longest = max(width, height)
    if longest <= _OPENAI_EDGE:
        return width, height
    return max(round(width * _OPENAI_EDGE / longest), 1), max(round(height * _OPENAI_EDGE / longest), 1)


def upload_size(width: int, height: int) -> tuple[int, int]:
    """The size to which Claude's vision shrinks an image: the largest of its shape that fits in 4784 tiles of 28 pixels, and
    in 2576 pixels a side. Source: Anthropic's documentation of coordinates in images.
    """
    if _fits(width, height):
        return width, height
    if height > width:
        tall, narrow = upload_size(height, width)
        return narrow, tall
    low, high = 1, width
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _fits(middle, _height(middle, width, height)) else (low, middle)
    return low, _height(low, width, height)


def _height(wide: int, width: int, height: int) -> int:
    return max(round(wide / (width / height)), 1)


def _fits(width: int, height: int) -> bool:
    across, down = math.ceil(width / _TILE), math.ceil(height / _TILE)
    return max(across, down) * _TILE <= _MAX_EDGE and across * down <= _MAX_TILES


class _Form:
    """How one family of models writes boxes: under `keys` as four numbers, or as four named corners."""

    def __init__(self, listed: ToPixels, keys: tuple[str, ...] = ("box_2d",), named: ToPixels = _share(1)) -> None:  # noqa: B008  # a value
        self.listed, self.keys, self.named = listed, keys, named

    def read(self, found: Any, width: int, height: int) -> list[Found] | None:
        """All boxes that can be read; None where the JSON is something else."""
        entries = found.get("detections", [found] if _corners(found) else None) if isinstance(found, Mapping) else found
        if not isinstance(entries, list):
            return None
        read = [self._entry(e, width, height) for e in entries if isinstance(e, Mapping)]
        good = [r for r in read if r is not None]
        return good if good or not entries else None

    def _entry(self, entry: Mapping[str, Any], width: int, height: int) -> Found | None:
        for key in self.keys:
            box = _numbers(entry.get(key))
            if box is not None:
                return _pixels(self.listed(box, width, height), width, height), _label(entry), _confidence(entry)
        box = _corners(entry)
        if box is None:
            return None
        return _pixels(self.named(box, width, height), width, height), _label(entry), _confidence(entry)


def _corners(entry: Mapping[str, Any]) -> Box | None:
    return _numbers([entry.get(name) for name in _CORNERS])


def _numbers(value: Any) -> Box | None:
    """Four finite numbers."""
    if not isinstance(value, list) or len(value) != 4:
        return None
    good = all(isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v) for v in value)
    return [float(v) for v in value] if good else None


def _pixels(box: Box, width: int, height: int) -> Box:
    """Whole pixels within the image, the smaller corner first."""
    x = sorted(min(max(float(round(v)), 0.0), width) for v in (box[0], box[2]))
    y = sorted(min(max(float(round(v)), 0.0), height) for v in (box[1], box[3]))
    return [x[0], y[0], x[1], y[1]]


def _label(entry: Mapping[str, Any]) -> str:
    return next((str(entry[key]) for key in _LABELS if entry.get(key) is not None), "unknown")


def _confidence(entry: Mapping[str, Any]) -> float:
    """As it is written, cut to 0..1; 1 where the model gives none."""
    value = entry.get("confidence", 1.0)
    good = isinstance(value, int | float) and math.isfinite(value)
    return min(max(float(value), 0.0), 1.0) if good else 1.0


def _share_of_one_or_thousand(box: Box, width: int, height: int) -> Box:
    """A thousandth of an image is no object: numbers so small are shares of 1."""
    return _share(1 if max(box) <= _SMALL else 1000)(box, width, height)


_THOUSAND = _Form(_share(1000), ("box_2d", "bbox_2d"), _share_of_one_or_thousand)
MODELS: Mapping[str, Any] = {
    "openai": _Form(_of_upload(_longest_edge)),
    "anthropic-claude": _Form(_of_upload(upload_size)),
    "google-gemini": _Form(_share(1000, rows_first=True)),
    "spacexai": _Form(_share(100)),
    "qwen": _THOUSAND,
    "muse": _THOUSAND,
    "zai": _THOUSAND,
    "zai-flash": _THOUSAND,
}
"""The form of each family."""


def florence_boxes(found: Any, width: int, height: int) -> list[Found] | None:
    """Boxes of a Florence-2 answer, which are in pixels; None where it has none. Text regions come as their bounding box."""
    if isinstance(found, Mapping) and len(found) == 1 and isinstance(next(iter(found.values())), Mapping):
        found = next(iter(found.values()))  # by the name of the task
    if not isinstance(found, Mapping):
        return None
    if isinstance(found.get("quad_boxes"), list):
        boxes = [[min(q[::2]), min(q[1::2]), max(q[::2]), max(q[1::2])] for q in found["quad_boxes"] if len(q) == 8]
    else:
        boxes = found.get("bboxes", None)
    labels = found.get("labels", found.get("bboxes_labels"))
    if not isinstance(boxes, list) or not isinstance(labels, list) or len(labels) != len(boxes):
        return None
    read = [(_numbers(box), str(label)) for box, label in zip(boxes, labels, strict=True)]
    return [(_inside(box, width, height), label, 1.0) for box, label in read if box is not None]


def _inside(box: Box, width: int, height: int) -> Box:
    """Within the image, not rounded."""
    x = sorted(min(max(v, 0.0), width) for v in (box[0], box[2]))
    y = sorted(min(max(v, 0.0), height) for v in (box[1], box[3]))
    return [x[0], y[0], x[1], y[1]]
