"""Bars that lie: one value a row, with its interval where there is one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ocella.errors import InvalidValue
from ocella.reports.axis import Scale, extent, span, tick_labels, ticks
from ocella.reports.chart import figure, group, missing, shorten, words
from ocella.reports.markup import Html, tag
from ocella.reports.number import number, places

__all__ = ["bars"]

Interval = tuple[float, float]
_MOST_ROWS = 40


@dataclass(frozen=True)
class _Row:
    label: str
    value: float
    interval: Interval | None
    written: str
    is_quiet: bool

    @property
    def held(self) -> list[float]:
        return [self.value, *(self.interval or ())]


def bars(
    labels: Sequence[str],
    values: Sequence[float],
    *,
    title: str,
    intervals: Sequence[Interval | None] | None = None,
    value_label: str = "",
    highlight: str | None = None,
    value_range: Interval | None = None,
) -> Html:
    """A bar a label with its number, and its (low, high) interval as a whisker. `highlight` greys the other bars."""
    spans = [None] * len(labels) if intervals is None else list(intervals)
    if not len(labels) == len(values) == len(spans):
        raise InvalidValue(
            f"bars take one value and one interval for each label, got {len(labels)} labels, {len(values)} values, {len(spans)} intervals."
        )
    if not labels:
        return missing(title, "There is nothing to compare yet.")
    rows = _rows(labels, values, spans, highlight)
    low, high = (
        span(*value_range) if value_range else extent([np.array([v for row in rows for v in row.held])], from_zero=True)
    )
    left_out = len(labels) - len(rows)
    below = f"The first {len(rows)} of {len(labels)} are drawn." if left_out else ""
    told = "; ".join(f"{row.label}: {row.written}" for row in rows)

    def draw(width: int) -> tuple[float, list[Html]]:
        return _draw(rows, low, high, value_label, width)

    return figure(title, f"{value_label + '. ' if value_label else ''}{told}.", draw, below=below)


def _rows(
    labels: Sequence[str], values: Sequence[float], spans: Sequence[Interval | None], highlight: str | None
) -> list[_Row]:
    exact = all(isinstance(v, int | np.integer) for v in values)
    decimals = 0 if exact else places([float(v) for v in values])
    rows = []
    for label, value, interval in list(zip(labels, values, spans, strict=True))[:_MOST_ROWS]:
        kept = interval if interval is not None and all(map(math.isfinite, (value, *interval))) else None
        ends = f" ({number(float(kept[0]), decimals)} to {number(float(kept[1]), decimals)})" if kept else ""
        written = f"{number(float(value), decimals)}{ends}" if math.isfinite(value) else "not measured"
        rows.append(_Row(label, float(value), kept, written, highlight is not None and label != highlight))
    return rows


def _draw(rows: Sequence[_Row], low: float, high: float, value_label: str, width: int) -> tuple[float, list[Html]]:
    widest = 7.0 * max(len(row.label) for row in rows) + 14
    numbers = 6.7 * max(len(row.written) for row in rows) + 16
    is_stacked = width < 500 and widest + numbers > width / 2  # on a phone, words stand above their bar
    left = 9.0 if is_stacked else min(widest, width * 0.36)
    right = width - (10 if is_stacked else numbers)
    step, middle = (48.0, 32.0) if is_stacked else (34.0, 16.0)
    marks = ticks(low, high, 6 if right - left > 220 else 4)
    scale = Scale(marks[0], marks[-1], left, right)
    floor = len(rows) * step + 6
    parts = [_upright(scale(m), 22.0 if is_stacked else 0.0, floor, "base" if m == 0 else "grid") for m in marks]
    parts.append(_foot(marks, scale, floor, value_label))
    for i, row in enumerate(rows):
        line = i * step + (17 if is_stacked else middle + 4)
        room, at, anchor = (width - numbers, left, "start") if is_stacked else (left - 14, left - 12, "end")
        parts += _bar(row, scale, i * step + middle)
        parts += [
            words(at, line, shorten(row.label, room), anchor=anchor, class_="label"),
            words(width, line, row.written, anchor="end", class_="label"),
        ]
    return floor + (44 if value_label else 26), parts


def _foot(marks: Sequence[float], scale: Scale, floor: float, value_label: str) -> Html:
    written = zip(marks, tick_labels(marks), strict=True)
    named = [words(scale(mark), floor + 17, label, anchor="middle") for mark, label in written]
    return group("axis", [*named, words(scale.end, floor + 36, value_label, anchor="end")])


def _upright(x: float, top: float, floor: float, class_: str) -> Html:
    return tag("line", x1=f"{x:.1f}", x2=f"{x:.1f}", y1=top, y2=f"{floor:.1f}", class_=class_)


def _bar(row: _Row, scale: Scale, middle: float) -> list[Html]:
    """A bar 18 high with its whisker; nothing where there is no value."""
    if not math.isfinite(row.value):
        return []
    start, end = sorted((scale(max(0.0, scale.low)), scale(row.value)))
    size = {"width": f"{end - start:.1f}", "height": 18, "rx": 2}
    shape = tag("rect", x=f"{start:.1f}", y=f"{middle - 9:.1f}", **size, class_="bar")
    bar = tag("g", tag("title", f"{row.label}: {row.written}"), shape, class_="quiet" if row.is_quiet else "c0")
    if row.interval is None:
        return [bar]
    low, high = map(scale, row.interval)
    return [bar, *_whisker(low, high, middle)]


def _whisker(low: float, high: float, middle: float) -> list[Html]:
    path = (
        f"M{low:.1f} {middle - 5:.1f}V{middle + 5:.1f}M{high:.1f} {middle - 5:.1f}V{middle + 5:.1f}"
        f"M{low:.1f} {middle:.1f}H{high:.1f}"
    )
    return [tag("path", d=path, class_="halo"), tag("path", d=path, class_="whisker")]
