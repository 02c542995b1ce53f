"""A page is one well-formed file that fetches nothing and runs nothing."""

import hashlib
import re
from base64 import b64encode
from html.parser import HTMLParser
from xml.parsers import expat

import numpy as np
import pytest

from ocella.reports import plot
from ocella.reports.blocks import Tile, bullets, columns, command, fold, note, table, tiles
from ocella.reports.gallery import gallery, pair, picture
from ocella.reports.page import Page, section
from ocella.types import Image

HARM = "\"><script>alert('x')</script>"
EMPTY = {"meta", "img", "br", "line", "rect", "path", "circle"}


class Balance(HTMLParser):
    """Fails on an element closed out of order; keeps what was met."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.met: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.met.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in EMPTY, f"<{tag} /> is not closed by a browser"
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def make() -> Page:
    image = Image(np.full((30, 40, 3), 90, np.uint8))
    shown = [picture(image, HARM), picture(image, "two")]
    return Page(
        HARM,
        HARM,
        [
            section("Next", HARM, bullets([HARM]), command("ocella label ./photos"), note("warning", HARM)),
            section(HARM, table([HARM, "b"], [[HARM, 1.5]]), fold(HARM, "inside")),
            section(
                "Charts",
                plot.bars([HARM], [0.5], title=HARM),
                plot.histogram({HARM: [0.1, 0.2]}, title=HARM, x_label=HARM),
            ),
            section(
                "Charts", columns(plot.line({HARM: ([1, 2], [3, 4])}, title=HARM, x_label=HARM, y_label=HARM), "right")
            ),
            section("Pictures", gallery(shown), pair(shown[0], shown[1], HARM)),
        ],
        top=[tiles(Tile(HARM, 0.905, HARM))],
    )


@pytest.fixture(scope="module")
def html() -> str:
    return make().html()


@pytest.fixture(scope="module")
def met(html: str) -> Balance:
    reader = Balance()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


def test_elements_are_balanced_and_none_runs_or_fetches(met: Balance) -> None:
    assert not {"script", "link", "iframe", "object", "embed", "base", "form", "audio", "video"} & set(met.met)
    assert not [a for a in met.attributes if a[1].startswith("on") or a[1] == "style"]
    sources = [value for _, name, value in met.attributes if name in {"src", "srcset", "poster", "data", "href"}]
    assert sources
    assert all(source.startswith(("data:image/jpeg;base64,", "#")) for source in sources)


def test_no_address_of_the_web_is_in_it(html: str) -> None:
    assert not re.search(r"https?://|//[a-z]|url\(|@import", re.sub(r'data:image/jpeg;base64,[^"]*', "", html))


def test_it_is_well_formed_to_a_strict_parser_too(html: str) -> None:
    assert expat.ParserCreate("utf-8").Parse(html.removeprefix("<!DOCTYPE html>\n").encode(), True) == 1


def test_the_policy_lets_only_its_own_style_sheet_through(html: str) -> None:
    sheet = html.split("<style>")[1].split("</style>", maxsplit=1)[0]
    digest = b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    assert policy
    assert policy[1].startswith("default-src &#x27;none&#x27;; img-src data:;")
    assert f"sha256-{digest}" in policy[1]


def test_contents_lead_to_every_section_and_ids_are_single(met: Balance) -> None:
    ids = [value for _, name, value in met.attributes if name == "id"]
    aims = [value[1:] for tag, name, value in met.attributes if tag == "a" and name == "href"]
    assert len(ids) == len(set(ids))
    assert aims == ["content", "next", "script-alert-x-script", "charts", "charts-2", "pictures"]
    assert set(aims) <= set(ids)


def test_every_picture_and_drawing_has_a_name(met: Balance) -> None:
    assert [value for tag, name, value in met.attributes if (tag, name) == ("img", "alt")] == [HARM, "two"] * 2
    drawings = [value for tag, name, value in met.attributes if tag == "svg" and name in {"role", "aria-hidden"}]
    assert len(drawings) == met.met.count("svg")


def test_equal_pages_give_equal_text(html: str) -> None:
    assert make().html() == html


def test_language_viewport_schemes_and_paper(html: str) -> None:
    for part in (
        '<html lang="en">',
        "width=device-width",
        "prefers-color-scheme:dark",
        "@media print",
        'charset="utf-8"',
    ):
        assert part in html


def test_an_empty_page_is_small_and_has_no_contents() -> None:
    html = Page("Title", "Lead", []).html()
    assert len(html) < 16_000
    assert "<nav" not in html


@pytest.mark.parametrize("heading", ["content", "Content", "\u00e9\u00e9", "", "a-heading"])
def test_odd_headings_get_their_own_anchors(heading: str) -> None:
    html = Page("t", "l", [section("a", "x"), section(heading, "x"), section(heading, "y")]).html()
    ids = re.findall(r' id="([^"]*)"', html)
    assert len(ids) == len(set(ids)) == 7
