"""Points with their intervals in both directions, a few of them named, and the line that none is beyond."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from ocella.errors import InvalidValue
from ocella.reports.axis import extent, span
from ocella.reports.chart import Plane, figure, missing, plane, shorten, words
from ocella.reports.markup import Html, tag
from ocella.reports.number import number

__all__ = ["Point", "frontier", "scatter"]

Ends = tuple[float, float]
_LETTER: Final = 6.5
_LINE: Final = 15.0
_PLACES: Final = (
    (13, 4, "start"), (-13, 4, "end"), (10, -10, "start"), (-10, -10, "end"), (10, 20, "start"), (-10, 20, "end"),
)  # fmt: skip
"""Where a name may stand beside its point: across, down, and the end of it that is there."""


@dataclass(frozen=True)
class Point:
    """A thing to place by two numbers, each with its (low, high) interval where there is one; `note` is shown on hover."""

    label: str
    x: float
    y: float
    x_interval: Ends | None = None
    y_interval: Ends | None = None
    note: str = ""


@dataclass(frozen=True)
class _Box:
    """A place that is taken, in the drawing's units."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "_Box") -> bool:
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


def scatter(
    points: Sequence[Point],
    *,
    title: str,
    x_label: str,
    y_label: str,
    best: str = "",
    named: Sequence[str] = (),
    with_frontier: bool = False,
    y_range: Ends | None = None,
    below: str = "",
) -> Html:
    """A dot a point with whiskers. `best` is marked; it and those `named`, the most important first, carry their names where
    there is room. The frontier joins the points that no other beats in both (less x, more y). x is drawn by its logarithm
    where it spans more than a factor of ten.
    """
    shown = [p for p in points if math.isfinite(p.x) and math.isfinite(p.y)]
    if not shown:
        return missing(title, "There is nothing to compare yet.")
    is_log = min(p.x for p in shown) > 0 and max(p.x for p in shown) > 10 * min(p.x for p in shown)
    front = frontier(shown) if with_frontier else []
    ys = span(*y_range) if y_range else _fitted([v for p in shown for v in (p.y, *(_ends(p.y_interval) or ()))])
    told = "; ".join(f"{p.label}: {_told(p, x_label, y_label)}" for p in shown)
    names = list(dict.fromkeys([*([best] if best else []), *named]))

    def draw(width: int) -> tuple[float, list[Html]]:
        height = 380.0 if width > 500 else 330.0
        field = _plane(shown, width, height, ys, (x_label, y_label), is_log=is_log)
        chart = _Chart(field, shown, is_log=is_log)
        parts = [field.axes, *chart.line(front), *chart.dots(best, front)]
        return height, [*parts, *chart.names(names, width, 30 if width > 500 else 19)]

    left_out = len(points) - len(shown)
    more = f" {left_out} without both numbers {'is' if left_out == 1 else 'are'} not drawn." if left_out else ""
    scaled = f"{x_label} is drawn by its logarithm." if is_log else ""
    return figure(title, told, draw, below=f"{below} {scaled}{more}".strip())


def frontier(points: Sequence[Point]) -> list[Point]:
    """Those that no other beats: none has less x and at least as much y, or more y at no more x. By growing x."""
    kept: list[Point] = []
    placed = [p for p in points if math.isfinite(p.x) and math.isfinite(p.y)]
    for point in sorted(placed, key=lambda p: (p.x, -p.y)):
        if not kept or point.y > kept[-1].y:
            kept.append(point)
    return kept


def _told(point: Point, x_label: str, y_label: str) -> str:
    ends = _ends(point.y_interval)
    between = f" ({number(ends[0])} to {number(ends[1])})" if ends else ""
    note = f", {point.note}" if point.note else ""
    return f"{y_label} {number(point.y)}{between}, {x_label} {point.x:.3g}{note}"


def _ends(interval: Ends | None) -> Ends | None:
    """Both ends, where they are known."""
    if interval is None or not all(map(math.isfinite, interval)):
        return None
    if interval[0] > interval[1]:
        raise InvalidValue(f"an interval runs from a lower to a higher number, got {interval}.")
    return interval


def _fitted(values: Sequence[float]) -> Ends:
    """The range of the values, from 0 only where they come near it."""
    low, high = min(values), max(values)
    return (low, high) if high - low > 0.02 * abs(high) else extent([np.array(values)])


def _plane(
    points: Sequence[Point], width: int, height: float, ys: Ends, labels: tuple[str, str], *, is_log: bool
) -> Plane:
    values = np.array([v for p in points for v in (p.x, *(_ends(p.x_interval) or ())) if v > 0 or not is_log])
    if not is_log:
        return plane(width, height, extent([values]), ys, labels)
    low, high = float(np.log10(values.min())), float(np.log10(values.max()))
    pad = 0.06 * (high - low)
    reach = (low - pad, high + pad)
    return plane(width, height, reach, ys, labels, x_ticks=_powers(*reach, most=9 if width > 500 else 6))


def _powers(low: float, high: float, most: int) -> list[tuple[float, str]]:
    """1, 2 and 5 of every power of ten within the range, or the powers alone where those are too many."""
    decades = range(math.floor(low), math.ceil(high) + 1)
    for steps in ((1, 2, 5), (1, 3), (1,)):
        found = [(math.log10(s * 10.0**d), f"{s * 10.0**d:g}") for d in decades for s in steps]
        inside = [(at, label) for at, label in found if low <= at <= high]
        if len(inside) <= most:
            return inside
    return inside[:: math.ceil(len(inside) / most)]


class _Chart:
    """Points in their plane."""

    def __init__(self, field: Plane, points: Sequence[Point], *, is_log: bool) -> None:
        self._field, self._points, self._is_log = field, points, is_log
        self._at = {p: (self._across(p.x), field.y(p.y)) for p in points}
        self._taken: list[_Box] = []

    def _across(self, x: float) -> float:
        """The place of an x; what has no logarithm lies at the left end."""
        if self._is_log:
            return self._field.x(math.log10(x)) if x > 0 else self._field.x.start
        return self._field.x(x)

    def line(self, front: Sequence[Point]) -> list[Html]:
        """The frontier as steps: the best to be had for at most so much x."""
        if len(front) < 2:
            return []
        (x, y), *rest = [self._at[p] for p in front]
        steps = "".join(f"H{to_x:.1f}V{to_y:.1f}" for to_x, to_y in rest)
        for (left, level), (right, _) in pairwise([(x, y), *rest]):
            self._taken.append(_Box(left, level - 1, right, level + 1))
        return [tag("path", d=f"M{x:.1f} {y:.1f}{steps}", class_="mark")]

    def dots(self, best: str, front: Sequence[Point]) -> list[Html]:
        """Every point with its whiskers: the grey ones below, the best on top."""
        first = set(front)
        order = sorted(self._points, key=lambda p: (p.label == best, p in first))
        return [self._dot(p, is_best=p.label == best, is_first=p in first or not first) for p in order]

    def _dot(self, point: Point, *, is_best: bool, is_first: bool) -> Html:
        x, y = self._at[point]
        told = tag("title", f"{point.label}: {_told(point, 'x', 'y')}")
        whiskers = tag("path", d="".join(self._whiskers(point, x, y)), class_="whisker fine")
        ring = [tag("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=9, class_="ring")] if is_best else []
        dot = tag("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=5 if is_first else 4, class_="dot")
        return tag("g", told, whiskers, *ring, dot, class_="c0" if is_first or is_best else "quiet")

    def _whiskers(self, point: Point, x: float, y: float) -> Iterator[str]:
        if upright := _ends(point.y_interval):
            yield f"M{x:.1f} {self._field.y(upright[0]):.1f}V{self._field.y(upright[1]):.1f}"
        if level := _ends(point.x_interval):
            yield f"M{self._across(level[0]):.1f} {y:.1f}H{self._across(level[1]):.1f}"

    def names(self, labels: Sequence[str], width: int, letters: int) -> list[Html]:
        """The names that find room beside their point, clear of dots, frontier and each other; shortened where that helps."""
        held = {p.label: p for p in reversed(self._points)}
        made = []
        for label in (name for name in labels if name in held):
            for most in (letters, letters * 2 // 3, letters // 2):
                text = shorten(label, most * 6.2)
                found = self._room(self._at[held[label]], len(text) * _LETTER, width)
                if found is not None:
                    (x, y, anchor), box = found
                    self._taken.append(box)
                    made.append(words(x, y, text, anchor=anchor, class_="label"))
                    break
        return made

    def _room(self, at: Ends, wide: float, width: int) -> tuple[tuple[float, float, str], _Box] | None:
        """A free place for a name so wide, nearer to its own dot than to any other."""
        dots = [_Box(x - 24, y - 6, x + 24, y + 6) for x, y in self._at.values() if (x, y) != at]
        for across, down, anchor in _PLACES:
            x, y = at[0] + across, at[1] + down
            left = x if anchor == "start" else x - wide
            box = _Box(left, y - _LINE + 3, left + wide, y + 3)
            inside = self._field.x.start < box.left and box.right < width and self._field.y.end - 12 < box.top
            if inside and box.bottom < self._field.y.start and not any(map(box.overlaps, [*dots, *self._taken])):
                return (x, y, anchor), box
        return None
