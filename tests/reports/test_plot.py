"""Charts are valid SVG whatever the values, and say what they show."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from xml.parsers import expat

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocella.errors import InvalidValue
from ocella.reports import plot
from ocella.reports.markup import Html

NAN, INF = float("nan"), float("inf")
HARM = "<script>&\"'"


def line(series: Mapping[str, plot.Curve], **more: Any) -> Html:
    return plot.line(series, title="T", x_label="x", y_label="y", **more)


def bars(labels: Sequence[str], values: Sequence[float], **more: Any) -> Html:
    return plot.bars(labels, values, title="T", **more)


def histogram(values: Mapping[str, npt.ArrayLike], **more: Any) -> Html:
    return plot.histogram(values, title="T", x_label="x", **more)


def heatmap(matrix: npt.ArrayLike, rows: Sequence[str], columns: Sequence[str]) -> Html:
    return plot.heatmap(matrix, rows, columns, title="T", row_label="people", column_label="student")


def drawn(made: Html) -> Html:
    """The chart's attributes, after a strict parser has read it and its numbers have proved finite."""
    assert isinstance(made, Html)
    expat.ParserCreate("utf-8").Parse(made.encode(), True)
    assert not re.search(r'="[^"]*\b(nan|inf)\b', made)
    return made


CHARTS = {
    "line": line(
        {"a": ([1, 2, 3], [0.5, 0.2, 0.9]), HARM: ([1], [2])}, marks=[plot.Mark(HARM, 2, 0.2), plot.Mark("up", 1)]
    ),
    "line with gaps": line({"a": ([1, 2, 3, NAN], [1, NAN, 3, 4])}),
    "line of infinity": line({"a": ([1, 2], [INF, 1])}),
    "line of one value": line({"a": (range(5), [7] * 5)}),
    "line of zeros": line({"a": (range(5), [0] * 5)}),
    "line of huge values": line({"a": ([1, 2], [1e30, -1e30])}),
    "line of twelve": line({f"s{i}": ([0, 1], [i, i]) for i in range(12)}),
    "long line": line({"a": (range(9000), np.sin(np.arange(9000)))}),
    "precision": plot.precision_recall({"a": ([0, 0.5, 1], [1, 0.8, 0.1])}, marks=[plot.Mark("0.35", 0.5, 0.8)]),
    "bars": bars(["a", HARM], [0.5, NAN], intervals=[(0.4, 0.6), None], value_label="AP50", highlight="a"),
    "bars below zero": bars(["a", "b"], [-3, 2]),
    "bars of zero": bars(["a"], [0]),
    "many bars": bars([f"a long name of a class {i}" for i in range(60)], list(range(60))),
    "histogram": histogram({"a": [0.1, 0.2, NAN]}, marks=[plot.Mark("threshold", 0.35)]),
    "histograms": histogram({"a": [0.1, 0.9], HARM: [0.3], "none": []}, marks=[plot.Mark("threshold", 0.9)]),
    "histogram of one value": histogram({"a": [3, 3, 3]}),
    "histograms of many": histogram({f"c{i}": [i] for i in range(30)}),
    "heat map": heatmap([[3.0, NAN], [0.0, 0.0]], ["a", HARM], ["a", HARM]),
    "large heat map": heatmap(np.eye(30) + 0.5, [f"r{i}" for i in range(30)], [f"r{i}" for i in range(30)]),
}


@pytest.mark.parametrize("name", CHARTS)
def test_charts_are_well_formed_and_named(name: str) -> None:
    made = drawn(CHARTS[name])
    assert "<script" not in made
    assert made.startswith('<figure class="chart"><figcaption>')
    assert "heat" in name or made.count('role="img"><title>') == 2
    assert len(made) < 80_000


@pytest.mark.parametrize(
    "made",
    [
        line({}),
        line({"a": ([], [])}),
        line({"a": ([1, 2], [NAN, NAN])}),
        plot.precision_recall({}),
        bars([], []),
        histogram({}),
        histogram({"a": [NAN], "b": []}),
        heatmap(np.zeros((0, 0)), [], []),
        heatmap([[NAN]], ["a"], ["a"]),
    ],
)
def test_nothing_to_draw_is_said_in_a_sentence(made: Html) -> None:
    assert re.search(r'<p class="empty">There (are|is) .*\.</p>', drawn(made))
    assert "<svg" not in made


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: line({"a": ([1, 2], [1])}), "'a' takes x and y of one equal length"),
        (lambda: bars(["a"], [1, 2]), "1 labels, 2 values"),
        (lambda: bars(["a"], [1], intervals=[]), "0 intervals"),
        (lambda: histogram({"a": [1]}, bins=0), "bins must be at least 1"),
        (lambda: heatmap([[1, 2]], ["a"], ["a"]), "shape \\(1, 1\\)"),
    ],
)
def test_what_does_not_fit_together_is_refused(call: Callable[[], Html], told: str) -> None:
    with pytest.raises(InvalidValue, match=told):
        call()


def test_a_line_goes_where_its_values_are() -> None:
    made = line({"a": ([0, 10], [0, 1])}, y_range=(0, 1))
    steps = re.findall(r'<path d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)"', made)
    base = re.search(r'<line x1="([\d.]+)" x2="([\d.]+)" y1="([\d.]+)"[^>]*class="base"', made)
    assert base
    x0, y0, x1, y1 = map(float, steps[0])
    assert (x0, x1, y0) == tuple(map(float, base.groups()))
    assert y1 < y0


def test_nan_breaks_a_line_and_thinning_keeps_the_peak() -> None:
    assert re.findall(r'<path d="(M[^"]*)"', line({"a": ([1, 2, 3, 4], [1, NAN, 3, 4])}))[0].count("M") == 2
    values = np.zeros(5000)
    values[2500] = 1
    made = line({"a": (range(5000), values)}, y_range=(0, 1))
    top = re.search(r'class="grid" />(?=<g class="axis">)', made)
    assert top
    assert " 26.0L" in made


def test_legend_and_description_tell_the_numbers() -> None:
    made = line({"loss": ([1, 2, 3], [2.5, 0.4, 0.5])})
    assert "<div>loss <span>last 0.500</span></div>" in made
    assert "loss: from 2.50 to 0.500 over 3 points, lowest 0.400 at 2, highest 2.50 at 1." in made


def test_the_legend_gives_way_past_eight() -> None:
    made = CHARTS["line of twelve"]
    assert made.count("<li>") == 8
    assert made.count('class="rest"') == 2 * 4
    assert "In grey, without names: 4 more." in made


def test_bars_write_value_and_interval() -> None:
    made = bars(["teacher", "start", "student"], [0.871, NAN, 0.905], intervals=[(0.84, 0.9), None, (0.88, 0.928)])
    assert "teacher: 0.871 (0.840 to 0.900); start: not measured; student: 0.905 (0.880 to 0.928)." in made
    assert made.count('class="whisker"') == 4
    assert made.count('class="bar"') == 4


def test_bars_lengths_are_in_proportion() -> None:
    widths = [float(w) for w in re.findall(r'<rect [^>]*width="([\d.]+)"', bars(["a", "b"], [40, 10]))]
    assert widths[0] == pytest.approx(4 * widths[1], abs=0.3)


def test_counts_are_whole_and_highlight_greys_the_rest() -> None:
    made = bars(["a", "b"], [3122, 41], highlight="b")
    assert ">3,122</text>" in made
    assert (made.count('class="quiet"'), made.count('class="c0"')) == (2, 2)


def test_a_histogram_counts_every_value_once() -> None:
    values = np.random.default_rng(0).random(500)
    made = histogram({"a": [*values, NAN]}, bins=10)
    counted = [int(n) for n in re.findall(r"<title>[\d.e-]+ to [\d.e-]+: (\d+)</title>", made)]
    assert sum(counted) == 2 * 500
    assert "not numbers, and are left out: 1." in made


def test_values_outside_the_range_fall_into_the_last_bin() -> None:
    made = histogram({"a": [0.5, 5.0]}, bins=2, value_range=(0, 1))
    assert "<title>0.5 to 1: 2</title>" in made


def test_rows_of_histograms_start_with_the_most_values() -> None:
    made = histogram({"few": [0.1], "many": [0.1, 0.2, 0.3]})
    assert made.index(">many</text>") < made.index(">few</text>")


def test_heat_map_shades_by_share_of_the_row() -> None:
    made = heatmap([[9, 1], [0, 0]], ["cat", "dog"], ["cat", "dog"])
    assert '<td class="h9 same">9</td><td class="h1">1</td>' in made
    assert '<td class="h0 zero">0</td><td class="h0 same zero">0</td>' in made


def test_a_large_heat_map_lists_the_worst_pairs_first() -> None:
    names = [f"c{i}" for i in range(30)]
    matrix = np.eye(30) * 50
    matrix[3, 4], matrix[7, 1] = 9, 12
    made = heatmap(matrix, names, names)
    assert made.index('>c7</th><td>c1</td><td class="number">12<') < made.index(
        '>c3</th><td>c4</td><td class="number">9<'
    )
    assert "c5</th>" not in made


FLOATS = st.floats(-1e12, 1e12) | st.just(NAN)


@given(st.lists(st.tuples(FLOATS, FLOATS), max_size=30))
def test_any_line_is_valid(points: list[tuple[float, float]]) -> None:
    drawn(line({"a": ([x for x, _ in points], [y for _, y in points])}))


@given(st.dictionaries(st.text(max_size=8), st.lists(FLOATS, max_size=12), max_size=4))
def test_any_histogram_is_valid(values: dict[str, list[float]]) -> None:
    drawn(histogram(values))


@given(st.lists(st.tuples(st.text(max_size=30), FLOATS, FLOATS), max_size=6))
def test_any_bars_are_valid(rows: list[tuple[str, float, float]]) -> None:
    drawn(bars([r[0] for r in rows], [r[1] for r in rows], intervals=[(min(r[1:]), max(r[1:])) for r in rows]))
