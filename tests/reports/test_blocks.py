"""The blocks of a section."""

import numpy as np
import pytest

from ocella.errors import InvalidValue
from ocella.reports.blocks import (
    Kind,
    Tile,
    bullets,
    code,
    columns,
    command,
    flow,
    fold,
    note,
    subheading,
    table,
    tiles,
)
from ocella.reports.markup import Html, link

HARM = "<script>alert(1)</script>"


@pytest.mark.parametrize(
    "made",
    [
        flow([HARM]),
        subheading(HARM),
        tiles(Tile(HARM, HARM, HARM)),
        table([HARM], [[HARM]], about=HARM),
        table([HARM], [], about=HARM, empty=HARM),
        note("info", HARM),
        code(HARM),
        command(HARM),
        bullets([HARM]),
        fold(HARM, HARM),
        columns(HARM, [HARM]),
    ],
)
def test_every_block_escapes_what_it_is_given(made: Html) -> None:
    assert isinstance(made, Html)
    assert "<script" not in made
    assert "&lt;script&gt;" in made


def test_plain_text_becomes_a_paragraph_and_markup_stays() -> None:
    assert flow(["a", Html("<hr>")]) == "<p>a</p><hr>"


def test_columns_of_numbers_align_right() -> None:
    made = table(
        ["Name", "AP", "Span", "Boxes"],
        [["a", 0.5, "0.4 to 0.6", 1200], ["b", None, "", np.int32(3)]],
        numeric=["Span"],
    )
    assert made.count('<th scope="col" class="number">') == 3
    assert '<th scope="row">a</th><td class="number">0.500</td><td class="number">0.4 to 0.6</td>' in made
    assert '<td class="number">\u2013</td>' in made
    assert '<td class="number">1,200</td>' in made


def test_markup_in_a_cell_stays_and_none_beside_it_is_a_dash() -> None:
    made = table(["Name", "File"], [["a", link("x", "x.jpg")], ["b", None]])
    assert '<td><a href="x.jpg">x</a></td>' in made
    assert "<td>\u2013</td>" in made


def test_a_table_scrolls_inside_its_own_named_region() -> None:
    assert 'class="scroll" role="region" tabindex="0" aria-label="Speeds."' in table(["A"], [[1]], about="Speeds.")


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(InvalidValue, match="every row needs 2 cells"):
        table(["a", "b"], [[1]])


def test_a_table_without_rows_says_so() -> None:
    made = table(["a"], [], about="Why.", empty="Nothing was cleaned.")
    assert made == '<p>Why.</p><p class="empty">Nothing was cleaned.</p>'


@pytest.mark.parametrize(
    ("kind", "word"), [("info", "Note"), ("good", "Good"), ("warning", "Take care"), ("bad", "Problem")]
)
def test_a_note_tells_its_kind_in_a_word(kind: Kind, word: str) -> None:
    assert f'<p class="kind">{word}</p><p>text</p>' in note(kind, "text")


def test_an_unknown_kind_of_note_is_refused() -> None:
    with pytest.raises(InvalidValue, match="'error'"):
        note("error", "text")  # type: ignore[arg-type]


def test_lists_folds_and_commands() -> None:
    assert bullets(["a", "b"], ordered=True) == '<ol class="list"><li>a</li><li>b</li></ol>'
    assert fold("More", "text", is_open=True).startswith('<details open=""><summary>More</summary>')
    assert "<code>a</code>\n<code>b</code>" in command("a", "b")
    assert tiles() == ""
