"""A matrix as a table of shaded numbers."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.reports.blocks import table
from ocella.reports.chart import missing
from ocella.reports.markup import Html, join, tag
from ocella.reports.number import number, places
from ocella.reports.style import SHADES

__all__ = ["heatmap"]

_MOST_SIDE = 24
_MOST_PAIRS = 20


def heatmap(
    matrix: npt.ArrayLike,
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    title: str,
    row_label: str,
    column_label: str,
    below: str = "",
) -> Html:
    """A confusion matrix: numbers shaded by their share of the row. Past 24 names a side, the largest pairs as a table."""
    held = np.asarray(matrix, np.float64)
    if held.shape != (len(rows), len(columns)):
        raise InvalidValue(f"matrix must have shape ({len(rows)}, {len(columns)}) as its names, got {held.shape}.")
    if not held.size or not np.isfinite(held).any():
        return missing(title, "There is nothing to compare.")
    if max(held.shape) > _MOST_SIDE:
        grid = _pairs(held, rows, columns, row_label, column_label)
    else:
        whole = tag("div", _grid(held, rows, columns, row_label, column_label), class_="heat")
        grid = tag("div", whole, class_="scroll", role="region", tabindex=0, aria_label=title)
    told = below or ("" if max(held.shape) > _MOST_SIDE else "Shaded by share of the row.")
    after = tag("p", told, class_="below") if told else Html()
    return tag("figure", tag("figcaption", title), grid, after, class_="chart")


def _grid(
    held: npt.NDArray[np.float64], rows: Sequence[str], columns: Sequence[str], row_label: str, column_label: str
) -> Html:
    corner = tag("th", f"{row_label} \u2193  {column_label} \u2192", class_="side", scope="col")
    is_crowded = len(columns) > 7 or max(map(len, columns)) > 14
    turned = [tag("span", name, class_="upright") if is_crowded else name for name in columns]
    head = tag("tr", corner, *[tag("th", name, scope="col") for name in turned])
    exact = bool(np.all(held[np.isfinite(held)] == np.round(held[np.isfinite(held)])))
    decimals = 0 if exact else places(held.ravel().tolist())
    lines = []
    for name, values in zip(rows, held, strict=True):
        whole = float(np.nansum(np.abs(np.where(np.isfinite(values), values, np.nan))))
        cells = [_cell(float(v), whole, decimals, is_same=name == c) for v, c in zip(values, columns, strict=True)]
        lines.append(tag("tr", tag("th", name, scope="row"), *cells))
    return tag("table", tag("thead", head), tag("tbody", *lines))


def _cell(value: float, whole: float, decimals: int, *, is_same: bool) -> Html:
    share = abs(value) / whole if whole and np.isfinite(value) else 0.0
    kinds = [f"h{round(share * (SHADES - 1))}", *(["same"] if is_same else []), *(["zero"] if value == 0 else [])]
    return tag("td", number(value, decimals), class_=" ".join(kinds))


def _pairs(
    held: npt.NDArray[np.float64], rows: Sequence[str], columns: Sequence[str], row_label: str, column_label: str
) -> Html:
    """The largest cells off the diagonal, as a table."""
    found = [
        (rows[r], columns[c], number(float(held[r, c]), None if held[r, c] % 1 else 0))
        for r, c in zip(
            *np.unravel_index(np.argsort(-np.nan_to_num(held), axis=None, kind="stable"), held.shape), strict=True
        )
        if rows[r] != columns[c] and held[r, c] > 0
    ][:_MOST_PAIRS]
    about = f"{len(rows)} by {len(columns)} names are too many to draw; these pairs are the most frequent."
    return join([table([row_label, column_label, "Count"], found, about=about, numeric=["Count"])])
