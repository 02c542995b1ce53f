"""The blocks a section is built of: tiles, tables, notes, code, lists, folds, columns."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from ocella.errors import InvalidValue
from ocella.reports.markup import Html, escape, join, tag
from ocella.reports.number import is_number, number, numbers

__all__ = [
    "Block",
    "Kind",
    "Tile",
    "bullets",
    "code",
    "columns",
    "command",
    "flow",
    "fold",
    "note",
    "subheading",
    "table",
    "tiles",
]

# plain text becomes a paragraph, Html stands as it is
Block = str
Kind = Literal["info", "good", "warning", "bad"]
_WORDS: Final[dict[str, str]] = {"info": "Note", "good": "Good", "warning": "Take care", "bad": "Problem"}


@dataclass(frozen=True)
class Tile:
    """A key figure: what it is, its value, and a few words on it."""

    label: str
    value: object
    about: str = ""


def flow(blocks: Iterable[Block]) -> Html:
    """Blocks one below another."""
    return join([block if isinstance(block, Html) else tag("p", block) for block in blocks])


def subheading(text: str) -> Html:
    """A heading inside a section."""
    return tag("h3", text)


def tiles(*facts: Tile) -> Html:
    """Key figures side by side."""
    return tag("dl", *map(_tile, facts), class_="tiles") if facts else Html()


def _tile(fact: Tile) -> Html:
    about = tag("dd", fact.about, class_="about") if fact.about else Html()
    return tag("div", tag("dt", fact.label), tag("dd", number(fact.value), class_="value"), about, class_="tile")


def table(
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    about: str = "",
    numeric: Collection[str] = (),
    empty: str = "Nothing to list.",
) -> Html:
    """Rows under a header; columns of numbers, and those named in `numeric`, align right. None and NaN show a dash."""
    lines = [list(row) for row in rows]
    for line in lines:
        if len(line) != len(header):
            raise InvalidValue(f"every row needs {len(header)} cells, one for each of {list(header)}, got {line}.")
    if not lines:
        return flow([*([about] if about else []), tag("p", empty, class_="empty")])
    held = list(zip(*lines, strict=True))
    right = [name in numeric or _all_numbers(cells) for name, cells in zip(header, held, strict=True)]
    written = [[c if isinstance(c, Html) else w for c, w in zip(cells, numbers(cells), strict=True)] for cells in held]
    head = tag("tr", *[tag("th", name, scope="col", class_=_right(r)) for name, r in zip(header, right, strict=True)])
    body = [_row(cells, right) for cells in zip(*written, strict=True)]
    grid = tag("table", tag("thead", head), tag("tbody", *body))
    lead = tag("p", about, class_="about-table") if about else Html()
    name = about or f"Table of {', '.join(header)}"
    return join([lead, tag("div", grid, class_="scroll", role="region", tabindex=0, aria_label=name)])


def _all_numbers(cells: Sequence[object]) -> bool:
    return any(map(is_number, cells)) and all(cell is None or is_number(cell) for cell in cells)


def _right(is_right: bool) -> str | None:  # noqa: FBT001 - its one question
    return "number" if is_right else None


def _row(cells: Sequence[object], right: Sequence[bool]) -> Html:
    kinds = [_right(r) or ("long" if _is_long(cell) else None) for cell, r in zip(cells, right, strict=True)]
    first = tag("th", cells[0], scope="row", class_=kinds[0])
    return tag("tr", first, *[tag("td", cell, class_=kind) for cell, kind in zip(cells[1:], kinds[1:], strict=True)])


def _is_long(cell: object) -> bool:
    return not isinstance(cell, Html) and len(str(cell)) > 24


def note(kind: Kind, *blocks: Block) -> Html:
    """A remark set apart, told by word and colour: info, good, warning or bad."""
    if kind not in _WORDS:
        raise InvalidValue(f"a note is one of {list(_WORDS)}, got {kind!r}.")
    return tag("div", tag("p", _WORDS[kind], class_="kind"), flow(blocks), class_=f"note {kind}", role="note")


def code(text: str) -> Html:
    """Code or settings, as they are."""
    return tag("pre", tag("code", text), tabindex=0)


def command(*lines: str) -> Html:
    """Commands to copy: one click selects a whole command."""
    return tag("pre", join([tag("code", line) for line in lines], "\n"), class_="command", tabindex=0)


def bullets(items: Iterable[object], *, ordered: bool = False) -> Html:
    """A list; with `ordered`, steps."""
    return tag("ol" if ordered else "ul", *[tag("li", item) for item in items], class_="list")


def fold(summary: str, *blocks: Block, is_open: bool = False) -> Html:
    """Blocks behind a line that opens them."""
    return tag("details", tag("summary", summary), tag("div", flow(blocks)), open="" if is_open else None)


def columns(*parts: Block | Sequence[Block]) -> Html:
    """Parts side by side where the page is wide enough; a part is one block or a list of them."""
    held = [flow([part] if isinstance(part, str) else part) for part in parts]
    return tag("div", *[tag("div", escape(part)) for part in held], class_="columns")
