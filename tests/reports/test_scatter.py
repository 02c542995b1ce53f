"""Points are where their numbers put them, names are readable, and the frontier is what none beats."""

import math
import re
from xml.parsers import expat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocella.errors import InvalidValue
from ocella.reports import plot
from ocella.reports.markup import Html
from ocella.reports.plot import Point
from ocella.reports.scatter import frontier

NAN = float("nan")
HARM = "<script>&\"'"
SOME = [
    Point("slow", 8.0, 0.9, y_interval=(0.85, 0.95)),
    Point("quick", 0.02, 0.6, (0.01, 0.03), (0.5, 0.7), "note"),
    Point("beaten", 9.0, 0.7),
]


def drawn(points: list[Point], **more: object) -> Html:
    """The chart, after a strict parser has read it and its numbers have proved finite."""
    made = plot.scatter(points, title="T", x_label="seconds", y_label="F1", **more)  # type: ignore[arg-type]
    expat.ParserCreate("utf-8").Parse(made.encode(), True)
    assert not re.search(r'="[^"]*\b(nan|inf)\b', made)
    return made


def wide(made: Html) -> str:
    return made.partition('class="plot narrow"')[0]


def place(made: Html, label: str) -> tuple[float, float]:
    """Where the dot of a label is, in the wide drawing."""
    found = re.search(
        rf'<title>{label}:[^<]*</title>.*?<circle cx="([\d.]+)" cy="([\d.]+)" r="[\d.]+" class="dot"', wide(made)
    )
    assert found
    return float(found[1]), float(found[2])


def texts(made: Html, drawing: str = "wide") -> list[tuple[float, float, float, str]]:
    """(left, right, foot, text) of every name in a drawing, by a generous guess at its width."""
    part = wide(made) if drawing == "wide" else made.partition('class="plot narrow"')[2]
    held = []
    for x, y, anchor, text in re.findall(
        r'<text x="([\d.]+)" y="([\d.]+)"(?: text-anchor="(\w+)")? class="label">([^<]*)<', part
    ):
        size = 6.2 * len(text)
        left = float(x) - (size if anchor == "end" else 0)
        held.append((left, left + size, float(y), text))
    return held


def test_more_is_higher_and_later_is_further_right() -> None:
    made = drawn(SOME)
    slow, quick, beaten = (place(made, name) for name in ("slow", "quick", "beaten"))
    assert quick[0] < slow[0] < beaten[0]
    assert slow[1] < beaten[1] < quick[1]


def test_equal_factors_are_equal_ways_once_x_spans_more_than_ten() -> None:
    made = drawn([Point(str(x), x, 0.5 + x / 1000) for x in (1.0, 10.0, 100.0)])
    one, ten, hundred = (place(made, str(x))[0] for x in (1.0, 10.0, 100.0))
    assert ten - one == pytest.approx(hundred - ten, abs=0.2)
    assert "drawn by its logarithm" in made
    made = drawn([Point(str(x), x, 0.5) for x in (1.0, 4.0, 7.0)])
    one, four, seven = (place(made, str(x))[0] for x in (1.0, 4.0, 7.0))
    assert four - one == pytest.approx(seven - four, abs=0.2)
    assert "logarithm" not in made


def test_a_zero_among_the_xs_keeps_the_plain_scale() -> None:
    assert "logarithm" not in drawn([Point("a", 0, 0.5), Point("b", 100, 0.7)])


def test_whiskers_reach_from_end_to_end() -> None:
    made = drawn(SOME)
    (at, middle) = place(made, "quick")
    path = re.search(r'<title>quick:[^<]*</title><path d="([^"]*)"', wide(made))
    assert path
    upright, level = re.findall(r"M([\d.]+) ([\d.]+)[VH]([\d.]+)", path[1])
    low, high = float(upright[1]), float(upright[2])
    assert float(upright[0]) == at
    assert (low + high) / 2 == pytest.approx(middle, abs=0.2)
    assert float(level[0]) < at < float(level[2])
    assert float(level[1]) == middle


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([(1, 1)], [(1, 1)]),
        ([(1, 1), (2, 2), (3, 1.5)], [(1, 1), (2, 2)]),
        ([(2, 1), (1, 1)], [(1, 1)]),
        ([(1, 1), (1, 2), (2, 2)], [(1, 2)]),
        ([(NAN, 3), (1, 1), (0, NAN), (2, 2)], [(1, 1), (2, 2)]),
        ([], []),
    ],
)
def test_frontier(rows: list[tuple[float, float]], expected: list[tuple[float, float]]) -> None:
    points = [Point(f"{x} {y}", x, y) for x, y in rows]
    assert [(p.x, p.y) for p in frontier(points)] == expected


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=12))
def test_none_beats_the_frontier_and_it_beats_all_others(rows: list[tuple[int, int]]) -> None:
    points = [Point(str(n), x, y) for n, (x, y) in enumerate(rows)]
    front = frontier(points)

    def beats(a: Point, b: Point) -> bool:
        return a.x <= b.x and a.y >= b.y and (a.x, a.y) != (b.x, b.y)

    assert not any(beats(p, f) for p in points for f in front)
    assert all(any(beats(f, p) or (f.x, f.y) == (p.x, p.y) for f in front) for p in points)


def test_the_frontier_is_drawn_and_the_rest_is_grey() -> None:
    made = wide(drawn(SOME, with_frontier=True))
    assert made.count('class="mark"') == 1
    assert made.count('<g class="quiet"><title>beaten') == 1
    assert made.count('<g class="c0">') == 2
    assert 'class="mark"' not in drawn(SOME)


def test_the_best_has_a_ring_and_those_asked_for_have_names() -> None:
    made = drawn(SOME, best="slow", named=["quick", "absent"])
    assert wide(made).count('class="ring"') == 1
    assert [text for *_, text in texts(made)] == ["slow", "quick"]
    assert "beaten: F1 0.700, seconds 9" in made


@pytest.mark.parametrize("drawing", ["wide", "narrow"])
def test_names_stand_clear_of_each_other_and_within_the_drawing(drawing: str) -> None:
    crowd = [Point(f"{n} a setting with quite a long name", 1 + n % 5 * 0.02, 0.5 + n / 300) for n in range(30)]
    held = texts(drawn(crowd, named=[p.label for p in crowd]), drawing)
    assert len(held) >= 3
    for left, right, foot, text in held:
        assert 0 <= left < right <= (770 if drawing == "wide" else 360)
        others = [o for o in held if o[3] != text and abs(o[2] - foot) < 11]
        assert all(right <= o[0] or o[1] <= left for o in others)


EDGES: dict[str, list[Point]] = {
    "one": [Point("a", 1, 0.5)],
    "one at zero": [Point("a", 0, 0)],
    "the same twice": [Point("a", 1, 0.5), Point("a", 1, 0.5)],
    "harm": [Point(HARM, 1, 0.5, note=HARM)],
    "unknown ends": [Point("a", 1, 0.5, (NAN, 1), (0, NAN)), Point("b", 50, 0.7, (math.inf, 3))],
    "an end below zero": [Point("a", 1, 0.5, (-1, 2)), Point("b", 50, 0.7)],
    "huge": [Point("a", 1e-9, 1e9), Point("b", 1e12, -1e9)],
    "many": [Point(str(n), 1.1**n, n % 7 / 7) for n in range(120)],
}


@pytest.mark.parametrize("points", EDGES.values(), ids=EDGES)
def test_odd_values_are_drawn(points: list[Point]) -> None:
    made = drawn(points, best=points[0].label, with_frontier=True, named=[p.label for p in points])
    assert made.count("<circle") >= 2 * len(points)
    assert "<script" not in made


def test_what_cannot_be_placed_is_counted() -> None:
    assert "2 without both numbers are not drawn." in drawn([*SOME, Point("a", NAN, 1), Point("b", 1, math.inf)])
    assert "1 without both numbers is not drawn." in drawn([*SOME, Point("a", NAN, 1)])
    assert "There is nothing to compare yet." in drawn([Point("a", NAN, 1)])
    assert "There is nothing to compare yet." in drawn([])


def test_an_interval_the_wrong_way_round_is_refused() -> None:
    with pytest.raises(InvalidValue, match="from a lower to a higher number"):
        drawn([Point("a", 1, 0.5, y_interval=(0.7, 0.3))])


def test_a_given_range_holds() -> None:
    made = drawn(SOME, y_range=(0, 1))
    assert ">0.0<" in made
    assert ">1.0<" in made
