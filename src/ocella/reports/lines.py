"""Curves: values over time, precision over recall."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.reports.axis import Scale, extent, span
from ocella.reports.chart import Mark, figure, group, missing, plane
from ocella.reports.markup import Html, tag
from ocella.reports.number import number
from ocella.reports.style import SERIES

__all__ = ["Curve", "line", "precision_recall"]

_MOST_POINTS = 360
_MOST_DOTS = 40

Floats = npt.NDArray[np.float64]
Curve = tuple[npt.ArrayLike, npt.ArrayLike]


def line(
    series: Mapping[str, Curve],
    *,
    title: str,
    x_label: str,
    y_label: str,
    marks: Sequence[Mark] = (),
    y_range: tuple[float, float] | None = None,
) -> Html:
    """Values over x, one line a name: {"loss": (steps, values)}. NaN leaves a gap; the legend tells the last value."""
    curves = _curves(series)
    if not curves:
        return missing(title, "There are no values to draw yet.")
    legend = [(name, f"last {number(float(y[np.isfinite(y)][-1]))}") for name, (_, y) in curves.items()]
    told = [_told(name, x, y) for name, (x, y) in curves.items()]
    return _lines(curves, title, (x_label, y_label), legend, told, marks, None, y_range)


def precision_recall(
    curves: Mapping[str, Curve], *, title: str = "Precision and recall", marks: Sequence[Mark] = ()
) -> Html:
    """Precision over recall, one curve a name: {"student, AP50 0.91": (recall, precision)}, both 0 to 1."""
    held = {name: _sorted(curve) for name, curve in _curves(curves).items()}
    if not held:
        return missing(title, "There is no curve to draw: nothing was found, or there is nothing to find.")
    told = [f"{name}: recall reaches {number(float(np.nanmax(x)))}." for name, (x, _) in held.items()]
    legend = [(name, "") for name in held]
    unit = (0.0, 1.0)
    return _lines(held, title, ("Recall", "Precision"), legend, told, marks, unit, unit)


def _lines(
    curves: Mapping[str, tuple[Floats, Floats]],
    title: str,
    labels: tuple[str, str],
    legend: Sequence[tuple[str, str]],
    told: Sequence[str],
    marks: Sequence[Mark],
    x_range: tuple[float, float] | None,
    y_range: tuple[float, float] | None,
) -> Html:
    xs = x_range or extent(x for x, _ in curves.values())
    ys = (
        span(*y_range)
        if y_range
        else extent([*(y for _, y in curves.values()), np.array([m.y for m in marks if m.y is not None])])
    )

    def draw(width: int) -> tuple[float, list[Html]]:
        height = 310 if width > 500 else 260
        field = plane(width, height, xs, ys, labels, fits=True)
        parts = [_path(i, curve, field.x, field.y) for i, curve in enumerate(curves.values())]
        return height, [field.axes, *reversed(parts), *field.marks(marks)]

    rest = len(curves) - SERIES
    below = f"In grey, without names: {rest} more." if rest > 0 else ""
    return figure(title, " ".join(told[:SERIES]), draw, legend[:SERIES], below)


def _curves(series: Mapping[str, Curve]) -> dict[str, tuple[Floats, Floats]]:
    """The series as arrays, without those that hold no finite point."""
    found = {}
    for name, (xs, ys) in series.items():
        x, y = np.asarray(xs, np.float64), np.asarray(ys, np.float64)
        if x.ndim != 1 or x.shape != y.shape:
            raise InvalidValue(f"'{name}' takes x and y of one equal length, got shapes {x.shape} and {y.shape}.")
        is_drawn = np.isfinite(x) & np.isfinite(y)
        if is_drawn.any():
            found[name] = (x[np.isfinite(x)], np.where(is_drawn, y, np.nan)[np.isfinite(x)])
    return found


def _sorted(curve: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    x, y = curve
    order = np.argsort(x, kind="stable")
    return x[order], y[order]


def _told(name: str, x: Floats, y: Floats) -> str:
    is_drawn = np.isfinite(y)
    x, y = x[is_drawn], y[is_drawn]
    low, high = int(y.argmin()), int(y.argmax())
    return (
        f"{name}: from {number(float(y[0]))} to {number(float(y[-1]))} over {y.size} points, "
        f"lowest {number(float(y[low]))} at {x[low]:g}, highest {number(float(y[high]))} at {x[high]:g}."
    )


def _thin(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """At most some hundreds of points: of each stretch its lowest and highest."""
    if x.size <= _MOST_POINTS:
        return x, y
    kept = {0, x.size - 1}
    for stretch in np.array_split(np.arange(x.size), _MOST_POINTS // 2):
        values = y[stretch]
        if np.isfinite(values).any():
            kept |= {int(stretch[np.nanargmin(values)]), int(stretch[np.nanargmax(values)])}
        if np.isnan(values).any():
            kept.add(int(stretch[np.flatnonzero(np.isnan(values))[0]]))
    rows = sorted(kept)
    return x[rows], y[rows]


def _path(index: int, curve: tuple[Floats, Floats], to_x: Scale, to_y: Scale) -> Html:
    """One curve, broken where y is NaN, with a dot a point where there are few."""
    x, y = _thin(*curve)
    steps, is_down = [], False
    for at_x, at_y in zip(x.tolist(), y.tolist(), strict=True):
        if math.isnan(at_y):
            is_down = False
            continue
        steps.append(f"{'L' if is_down else 'M'}{to_x(at_x):.1f} {to_y(at_y):.1f}")
        is_down = True
    drawn = tag("path", d="".join(steps), class_=_stroke(index, len(steps)))
    few = np.isfinite(y).sum() <= _MOST_DOTS and index < SERIES
    dots = [_dot(a, b, to_x, to_y) for a, b in zip(x.tolist(), y.tolist(), strict=True) if few and not math.isnan(b)]
    return group(f"c{index % SERIES}", [drawn, *dots])


def _stroke(index: int, size: int) -> str:
    if index >= SERIES:
        return "rest"
    return f"curve d{index} fine" if size > _MOST_POINTS // 2 else f"curve d{index}"


def _dot(x: float, y: float, to_x: Scale, to_y: Scale) -> Html:
    told = tag("title", f"{x:g}: {number(y)}")
    return tag("g", tag("circle", cx=f"{to_x(x):.1f}", cy=f"{to_y(y):.1f}", r=3, class_="dot"), told)
