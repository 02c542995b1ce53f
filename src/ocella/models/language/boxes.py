"""Boxes that language models say in words: the coordinates of each kind of model, and whose box it is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ocella.errors import Unreadable
from ocella.models.language.answer import find_json
from ocella.models.language.generate import Said

__all__ = ["Quad", "SpokenBox", "florence_boxes", "florence_quads", "json_boxes", "kosmos_boxes", "paligemma_boxes"]

_FLORENCE = re.compile(r"([^<>]*)((?:<loc_\d+>){4,})")
_FLORENCE_LINE = re.compile(r"([^<>]+)((?:<loc_\d+>){8})")
_FLORENCE_BOX = re.compile(r"<loc_(\d+)><loc_(\d+)><loc_(\d+)><loc_(\d+)>")
_PALIGEMMA = re.compile(r"<loc(\d{4})><loc(\d{4})><loc(\d{4})><loc(\d{4})>\s*([^<;]*)")
_KOSMOS = re.compile(r"<patch_index_(\d+)>\s*<patch_index_(\d+)>")
_FLORENCE_BINS = 1000
_PALIGEMMA_BINS = 1024
_FAR = 1e6


@dataclass(frozen=True)
class SpokenBox:
    """A box as shares (0..1) of width and height, the phrase it was said for, and how sure the model was of it."""

    phrase: str
    corners: tuple[float, float, float, float]
    confidence: float


@dataclass(frozen=True)
class Quad:
    """A line of text and its four corners, x and y in turn, as shares of width and height."""

    text: str
    corners: tuple[float, ...]
    confidence: float


def florence_boxes(said: Said) -> list[SpokenBox]:
    """Florence-2: `cat<loc_x1><loc_y1><loc_x2><loc_y2>`, the middles of a thousand equal parts; further boxes of the
    same phrase follow at once.
    """
    found = []
    for phrase in _FLORENCE.finditer(said.marked):
        for box in _FLORENCE_BOX.finditer(said.marked, phrase.start(2), phrase.end(2)):
            x1, y1, x2, y2 = ((int(n) + 0.5) / _FLORENCE_BINS for n in box.groups())
            found.append(SpokenBox(phrase.group(1).strip(), (x1, y1, x2, y2), said.sure(*box.span())))
    return found


def florence_quads(said: Said) -> list[Quad]:
    """Florence-2's text with regions: a line and eight numbers, its corners from the upper left on."""
    found = []
    for line in _FLORENCE_LINE.finditer(said.marked):
        numbers = tuple((int(n) + 0.5) / _FLORENCE_BINS for n in re.findall(r"\d+", line.group(2)))
        found.append(Quad(line.group(1).strip(), numbers, said.sure(*line.span())))
    return found


def paligemma_boxes(said: Said) -> list[SpokenBox]:
    """PaliGemma: `<locy1><locx1><locy2><locx2> cat ; ...`, y before x, of 1024 parts."""
    found = []
    for box in _PALIGEMMA.finditer(said.marked):
        y1, x1, y2, x2 = (int(n) / _PALIGEMMA_BINS for n in box.groups()[:4])
        found.append(SpokenBox(box.group(5).strip(), (x1, y1, x2, y2), said.sure(box.start(1), box.end(4))))
    return found


def kosmos_boxes(said: Said, phrase: str, side: int) -> list[SpokenBox]:
    """Kosmos-2: numbers of the upper left and the lower right cell of `side` x `side`. A box spans from the middle of
    one to the middle of the other; one of a single row or column the cells themselves.
    """
    found = []
    for box in _KOSMOS.finditer(said.marked):
        (top, left), (bottom, right) = (divmod(int(n), side) for n in box.groups())
        flat = top == bottom or left == right
        first, last = (0.0, 1.0) if flat else (0.5, 0.5)
        corners = ((left + first) / side, (top + first) / side, (right + last) / side, (bottom + last) / side)
        found.append(SpokenBox(phrase, corners, said.sure(*box.span())))
    return found


def json_boxes(text: str, scale: tuple[float, float], confidence: float, phrase: str = "") -> list[SpokenBox]:
    """A list of `{"bbox_2d": [x1, y1, x2, y2], "label": "cat"}`, or with `phrase` of bare boxes of that phrase too; `scale`
    is the width and height that the numbers are of. No JSON is no box. Raises Unreadable where the JSON is cut off or
    no such list: what is left of an answer is no answer.
    """
    found = find_json(text)
    if not found.whole:
        if found.rest:
            raise Unreadable(f"The model's list of boxes is cut off or broken: {_short(text)}")
        return []
    if "[" in found.rest or "{" in found.rest:
        raise Unreadable(f"The model gave more than one list of boxes: {_short(text)}")
    return [_json_box(item, scale, confidence, phrase, text) for item in _items(found.value)]


def _items(value: Any) -> Sequence[Any]:
    if isinstance(value, list) and not (len(value) == 4 and _is_box(value)):
        return value
    return [value]


def _json_box(item: Any, scale: tuple[float, float], confidence: float, phrase: str, text: str) -> SpokenBox:
    box, label = item, phrase
    if isinstance(item, dict):
        box, label = item.get("bbox_2d", item.get("box")), str(item.get("label", phrase))
    if not _is_box(box):
        raise Unreadable(f"A box must be four numbers in a list, got {_short(repr(item))} in: {_short(text)}")
    x1, y1, x2, y2 = (float(n) for n in box)
    width, height = scale
    return SpokenBox(label, (x1 / width, y1 / height, x2 / width, y2 / height), confidence)


def _is_box(value: Any) -> bool:
    if not isinstance(value, list) or len(value) != 4:
        return False
    return all(type(n) in (int, float) and abs(n) < _FAR for n in value)


def _short(text: str) -> str:
    return repr(text if len(text) <= 200 else f"{text[:120]} ... {text[-60:]}")
