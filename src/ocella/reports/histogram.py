"""Histograms: one, or a row for each name over one shared axis."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.reports.axis import Scale, extent, span, tick_labels, ticks
from ocella.reports.chart import Mark, figure, group, missing, plane, shorten, words
from ocella.reports.markup import Html, tag
from ocella.reports.number import number

__all__ = ["histogram"]

Floats = npt.NDArray[np.float64]
_MOST_ROWS = 24
_ROW = 44.0


def histogram(
    values: Mapping[str, npt.ArrayLike],
    *,
    title: str,
    x_label: str,
    y_label: str = "Count",
    bins: int = 20,
    value_range: tuple[float, float] | None = None,
    marks: Sequence[Mark] = (),
) -> Html:
    """How values lie, one histogram a name: {"person": confidences}. With several names each row has its own height."""
    if bins < 1:
        raise InvalidValue(f"bins must be at least 1, got {bins}.")
    held, lost = {}, 0
    for name, given in values.items():
        flat = np.ravel(np.asarray(given, np.float64))
        held[name] = flat[np.isfinite(flat)]
        lost += flat.size - held[name].size
    if not any(v.size for v in held.values()):
        return missing(title, "There are no values to count.")
    low, high = span(*value_range) if value_range else _range(held)
    counts = {name: np.histogram(np.clip(v, low, high), bins, (low, high))[0] for name, v in held.items()}
    edges = np.linspace(low, high, bins + 1)
    below = f"Values that were not numbers, and are left out: {lost}. " if lost else ""
    told = " ".join(_told(name, v) for name, v in held.items())
    if len(held) == 1:
        (name,) = held
        return _single(counts[name], edges, title, told, (x_label, y_label), marks, f"{below}{told}")
    shown = sorted(held, key=lambda name: -held[name].size)[:_MOST_ROWS]
    if len(shown) < len(held):
        below += f"The {len(shown)} largest of {len(held)} are drawn. "
    below += "Each row has its own height; the number beside it tells how many values it holds."
    rows = [(name, held[name], counts[name]) for name in shown]
    return figure(title, told, lambda width: _rows(rows, edges, x_label, marks, width), below=below)


def _range(held: Mapping[str, Floats]) -> tuple[float, float]:
    low, high = extent(held.values())
    return (0.0, 1.0) if low >= 0 and 0.2 < high <= 1 else (low, high)


def _told(name: str, values: Floats) -> str:
    if not values.size:
        return f"{name}: no values."
    low, middle, high = (number(float(v)) for v in np.quantile(values, [0.0, 0.5, 1.0]))
    return f"{name}: {values.size:,} values, median {middle}, from {low} to {high}."


def _single(
    counts: npt.NDArray[np.intp],
    edges: Floats,
    title: str,
    told: str,
    labels: tuple[str, str],
    marks: Sequence[Mark],
    below: str,
) -> Html:
    top = max(int(counts.max()), 4)

    def draw(width: int) -> tuple[float, list[Html]]:
        height = 270 if width > 500 else 240
        field = plane(width, height, (float(edges[0]), float(edges[-1])), (0.0, top), labels, fits=True)
        return height, [field.axes, group("c0", _columns(counts, edges, field.x, field.y)), *field.marks(marks)]

    return figure(title, told, draw, below=below)


def _rows(
    rows: Sequence[tuple[str, Floats, npt.NDArray[np.intp]]],
    edges: Floats,
    x_label: str,
    marks: Sequence[Mark],
    width: int,
) -> tuple[float, list[Html]]:
    is_stacked = width < 500  # on a phone, words stand above their row
    left = 9.0 if is_stacked else min(7.0 * max(len(name) for name, _, _ in rows) + 14, width * 0.3)
    x = Scale(float(edges[0]), float(edges[-1]), left, width - (14 if is_stacked else 132))
    top, step = 20.0 if marks else 4.0, _ROW + (18 if is_stacked else 0)
    floor = top + len(rows) * step
    places = [t for t in ticks(x.low, x.high, 6) if x.low <= t <= x.high]
    named = [words(x(t), floor + 17, s, anchor="middle") for t, s in zip(places, tick_labels(places), strict=True)]
    named.append(words(x.end, floor + 36, x_label, anchor="end"))
    parts = [*(_upright(x(t), top, floor, "grid") for t in places), group("axis", named)]
    for i, row in enumerate(rows):
        parts += _strip(row, edges, x, top + (i + 1) * step)
    parts += [part for mark in marks if x.low <= mark.x <= x.high for part in _threshold(mark, x, floor)]
    for i, (name, values, _) in enumerate(rows):
        parts += _sides(name, values, x, top + (i + 1) * step, width)
    return floor + 44, parts


def _strip(row: tuple[str, Floats, npt.NDArray[np.intp]], edges: Floats, x: Scale, floor: float) -> list[Html]:
    _, _, counts = row
    y = Scale(0.0, float(max(counts.max(), 1)), floor, floor - _ROW + 10)
    base = tag("line", x1=f"{x.start:.1f}", x2=f"{x.end:.1f}", y1=f"{floor:.1f}", y2=f"{floor:.1f}", class_="base")
    return [group("c0", _columns(counts, edges, x, y)), base]


def _sides(name: str, values: Floats, x: Scale, floor: float, width: int) -> list[Html]:
    """A row's name, how many values it has, and their median."""
    middle = f"median {number(float(np.median(values)))}" if values.size else ""
    if x.start < 10:
        remark = f"{values.size:,}, {middle}" if middle else "0"
        room = width - 7.0 * len(remark) - 16
        name_at = words(x.start, floor - _ROW + 1, shorten(name, room), class_="label")
        return [name_at, words(width, floor - _ROW + 1, remark, anchor="end", class_="label axis")]
    sides = [words(x.start - 12, floor - 10, shorten(name, x.start - 14), anchor="end")]
    sides.append(words(width, floor - (18 if middle else 10), f"{values.size:,}", anchor="end"))
    return [*sides, words(width, floor - 3, middle, anchor="end", class_="axis")]


def _columns(counts: npt.NDArray[np.intp], edges: Floats, x: Scale, y: Scale) -> list[Html]:
    """A column for each bin that holds something."""
    drawn = []
    for count, low, high in zip(counts.tolist(), edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if count:
            gap = 0.5 if x(high) - x(low) > 4 else 0.0
            size = {"width": f"{x(high) - x(low) - 2 * gap:.1f}", "height": f"{y.start - y(count):.1f}"}
            shape = tag("rect", x=f"{x(low) + gap:.1f}", y=f"{y(count):.1f}", **size, class_="bar")
            drawn.append(tag("g", tag("title", f"{low:.3g} to {high:.3g}: {count:,}"), shape))
    return drawn


def _upright(x: float, top: float, floor: float, class_: str) -> Html:
    return tag("line", x1=f"{x:.1f}", x2=f"{x:.1f}", y1=f"{top:.1f}", y2=f"{floor:.1f}", class_=class_)


def _threshold(mark: Mark, x: Scale, floor: float) -> list[Html]:
    at = x(mark.x)
    anchor = "end" if at > (x.start + x.end) / 2 else "start"
    line = _upright(at, 16.0, floor, "mark")
    return [line, words(at, 11, mark.label, anchor=anchor)]
