"""Text cannot become markup by accident."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocella.errors import InvalidValue
from ocella.reports.markup import Html, escape, join, link, tag


class Reader(HTMLParser):
    """Collects the text and the elements of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.elements: list[str] = []
        self.attributes: dict[str, str | None] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes = dict(attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


def read(markup: str) -> Reader:
    reader = Reader()
    reader.feed(markup)
    reader.close()
    return reader


@pytest.mark.parametrize(
    ("given_", "wanted"),
    [
        ("<script>", "&lt;script&gt;"),
        ("a & b", "a &amp; b"),
        ("\"quoted\" 'too'", "&quot;quoted&quot; &#x27;too&#x27;"),
        (Html("<b>kept</b>"), "<b>kept</b>"),
        (0.5, "0.5"),
        ("a\x00b\x1b[31m", "a\ufffdb\ufffd[31m"),
        ("odd\udcff.jpg", "odd\ufffd.jpg"),
    ],
)
def test_escape(given_: object, wanted: str) -> None:
    assert escape(given_) == wanted


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs", "Cn"]), max_size=60))
def test_any_text_comes_back_as_the_same_text_and_no_element(text: str) -> None:
    reader = read(tag("p", text, title=text))
    assert (reader.text, reader.elements, reader.attributes) == (text, ["p"], {"title": text})


@given(st.text(max_size=60))
def test_any_text_can_be_written_as_utf8(text: str) -> None:
    assert tag("p", text).encode("utf-8")


def test_text_added_to_markup_is_escaped_again() -> None:
    assert tag("p", Html("<b>x</b>") + "<i>") == "<p>&lt;b&gt;x&lt;/b&gt;&lt;i&gt;</p>"
    assert join([Html("<b>x</b>"), Html("y")], "<") == "<b>x</b>&lt;y"


@pytest.mark.parametrize(
    ("made", "wanted"),
    [
        (tag("p", "a", "b", class_="x"), '<p class="x">ab</p>'),
        (tag("img", src="data:,", alt=""), '<img src="data:," alt="" />'),
        (tag("line", stroke_width=2, viewBox=None), '<line stroke-width="2" />'),
        (tag("p", title='"><script>'), '<p title="&quot;&gt;&lt;script&gt;"></p>'),
        (tag("meta", name="x"), '<meta name="x" />'),
    ],
)
def test_tag(made: Html, wanted: str) -> None:
    assert made == wanted


@pytest.mark.parametrize(
    ("href", "wanted"),
    [
        ("pictures/a b#1.jpg", "pictures/a%20b#1.jpg"),
        ("https://example.invalid/x?a=1&b=2", "https://example.invalid/x?a=1&amp;b=2"),
        ("#next", "#next"),
        ("java\nscript:alert(1)", "java%0Ascript:alert(1)"),
    ],
)
def test_link(href: str, wanted: str) -> None:
    assert link("here", href) == f'<a href="{wanted}">here</a>'


@pytest.mark.parametrize("href", ["javascript:alert(1)", " JavaScript:alert(1)", "data:text/html,x", "file:///etc"])
def test_link_refuses_other_schemes(href: str) -> None:
    with pytest.raises(InvalidValue, match="relative path"):
        link("here", href)
