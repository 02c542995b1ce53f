"""The frame of a chart: title, legend, and one drawing for wide and one for narrow places."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from ocella.reports.axis import Scale, tick_labels, ticks
from ocella.reports.markup import Html, join, tag
from ocella.reports.style import SERIES

__all__ = ["Drawing", "Mark", "Plane", "figure", "group", "missing", "plane", "shorten", "words"]

_WIDE: Final = 760
_NARROW: Final = 350
_DIGIT: Final = 6.7  # widths at the charts' letter size
_LETTER: Final = 6.2


@dataclass(frozen=True)
class Mark:
    """A place worth naming: a point, or an upright line where `y` is None."""

    label: str
    x: float
    y: float | None = None


# width -> height and what is drawn
Drawing = Callable[[int], tuple[float, Sequence[Html]]]


def figure(title: str, told: str, draw: Drawing, legend: Sequence[tuple[str, str]] = (), below: str = "") -> Html:
    """A chart; `told` says in words what it shows, a legend entry is a name and a remark."""
    keys = tag("ul", *[_key(i, *entry) for i, entry in enumerate(legend)], class_="legend") if legend else Html()
    shown = [_drawing(title, told, draw, width, kind) for width, kind in ((_WIDE, "wide"), (_NARROW, "narrow"))]
    after = tag("p", below, class_="below") if below else Html()
    return tag("figure", tag("figcaption", title), keys, *shown, after, class_="chart")


def missing(title: str, sentence: str) -> Html:
    """A chart that has nothing to show, and says so."""
    return tag("figure", tag("figcaption", title), tag("p", sentence, class_="empty"), class_="chart")


def _drawing(title: str, told: str, draw: Drawing, width: int, kind: str) -> Html:
    height, parts = draw(width)
    head = [tag("title", title), tag("desc", told)]
    return tag("svg", *head, *parts, viewBox=f"0 0 {width} {height:g}", class_=f"plot {kind}", role="img")


def _key(index: int, name: str, remark: str) -> Html:
    line = tag("line", x1=0, x2=28, y1=5, y2=5, class_=f"curve d{index % SERIES}")
    swatch = tag("svg", line, width=28, height=10, class_=f"c{index % SERIES}", aria_hidden="true")
    return tag("li", swatch, tag("div", name, " ", tag("span", remark) if remark else ""))


def group(class_: str, parts: Sequence[Html]) -> Html:
    """Parts of a drawing that share a class."""
    return tag("g", *parts, class_=class_)


def words(x: float, y: float, text: str, *, anchor: str = "start", class_: str | None = None) -> Html:
    """Text in a drawing, its base line at y."""
    at = {"x": f"{x:.1f}", "y": f"{y:.1f}"}
    return tag("text", text, **at, text_anchor=None if anchor == "start" else anchor, class_=class_)


def shorten(text: str, width: float) -> str:
    """The text, or its beginning where it is wider than `width`."""
    most = max(int(width / _LETTER), 2)
    return text if len(text) <= most else text[: most - 1].rstrip() + "\u2026"


@dataclass(frozen=True)
class Plane:
    """The two scales of a chart and its drawn axes."""

    x: Scale
    y: Scale
    axes: Html

    def marks(self, marks: Sequence[Mark]) -> list[Html]:
        """The marks that lie in the plane, drawn with their labels."""
        inside = [m for m in marks if self.x.low <= m.x <= self.x.high]
        return [part for row, mark in enumerate(inside) for part in self._mark(mark, row)]

    def _mark(self, mark: Mark, row: int) -> list[Html]:
        x = self.x(mark.x)
        is_right = x > (self.x.start + self.x.end) / 2
        beside, anchor = (x - 9, "end") if is_right else (x + 9, "start")
        room = (x - self.x.start if is_right else self.x.end - x) - 9
        label = shorten(mark.label, room)
        if mark.y is None:
            line = tag(
                "line", x1=f"{x:.1f}", x2=f"{x:.1f}", y1=f"{self.y.start:.1f}", y2=f"{self.y.end:.1f}", class_="mark"
            )
            return [line, words(beside, self.y.end + 12 + 16 * (row % 4), label, anchor=anchor, class_="label")]
        y = self.y(mark.y)
        spot = tag("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=4.5, class_="spot")
        lower = y + 18 if y < self.y.end + 20 else y - 9
        return [spot, words(beside, lower, label, anchor=anchor, class_="label")]


def plane(
    width: float,
    height: float,
    x_range: tuple[float, float],
    y_range: tuple[float, float],
    labels: tuple[str, str],
    *,
    fits: bool = False,
    x_ticks: Sequence[tuple[float, str]] | None = None,
) -> Plane:
    """Axes over the ranges, labelled (x, y); with `fits` the x axis ends where the values end. `x_ticks` are places and
    what is written there, where an axis is not a plain scale.
    """
    y_ticks, round_x = ticks(*y_range, 6), ticks(*x_range, 9 if width > 500 else 6)
    written = tick_labels(y_ticks)
    left = 14 + _DIGIT * max(map(len, written))
    low, high = x_range if fits or x_ticks is not None else (round_x[0], round_x[-1])
    x = Scale(low, high, left, width - 16)
    y = Scale(y_ticks[0], y_ticks[-1], height - 46, 26)
    named = list(zip(round_x, tick_labels(round_x), strict=True)) if x_ticks is None else x_ticks
    return Plane(x, y, _axes(x, y, [t for t in named if low <= t[0] <= high], y_ticks, labels))


def _axes(
    x: Scale, y: Scale, x_ticks: Sequence[tuple[float, str]], y_ticks: list[float], labels: tuple[str, str]
) -> Html:
    lines = [_level(x, y(tick), "base" if tick == y_ticks[0] else "grid") for tick in y_ticks]
    across = [
        words(x.start - 8, y(t) + 4, label, anchor="end")
        for t, label in zip(y_ticks, tick_labels(y_ticks), strict=True)
    ]
    along = [words(x(t), y.start + 18, label, anchor="middle") for t, label in x_ticks]
    names = [words(x.end, y.start + 38, labels[0], anchor="end"), words(0, 10, labels[1])]
    return join([*lines, group("axis", [*across, *along, *names])])


def _level(x: Scale, y: float, class_: str) -> Html:
    return tag("line", x1=f"{x.start:.1f}", x2=f"{x.end:.1f}", y1=f"{y:.1f}", y2=f"{y:.1f}", class_=class_)
