"""A self-contained HTML page: no script, nothing fetched, light and dark, screen, phone and paper."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from ocella.reports.blocks import Block, flow
from ocella.reports.markup import Html, join, tag
from ocella.reports.style import style_sheet

__all__ = ["Page", "Section", "section"]


@dataclass(frozen=True)
class Section:
    """A heading and the blocks under it."""

    heading: str
    blocks: tuple[Block, ...]


def section(heading: str, *blocks: Block) -> Section:
    """A section of plain texts (paragraphs) and Html blocks."""
    return Section(heading, blocks)


@dataclass(frozen=True)
class Page:
    """A page: its title, one sentence that leads, what stands above the sections, the sections, the last line."""

    title: str
    lead: str
    sections: Sequence[Section]
    top: Sequence[Block] = ()
    footer: str = "Made by Ocella. This page is one file: it fetches nothing and runs no script."

    def html(self) -> str:
        """The whole page; equal pages give equal text."""
        anchors = _anchors(part.heading for part in self.sections)
        header = tag("header", tag("h1", self.title), tag("p", self.lead, class_="lead"), flow(self.top))
        main = tag("main", *map(_section, self.sections, anchors), id="content")
        contents = _contents([part.heading for part in self.sections], anchors)
        skip = tag("a", "Skip to the content", href="#content", class_="skip")
        body = tag("div", header, contents, main, tag("footer", self.footer), class_="page")
        document = tag("html", _head(self.title), "\n", tag("body", skip, body), lang="en")
        return f"<!DOCTYPE html>\n{document}\n"


def _section(part: Section, anchor: str) -> Html:
    return tag("section", tag("h2", part.heading, id=f"{anchor}-heading"), flow(part.blocks), id=anchor)


def _contents(headings: Sequence[str], anchors: Sequence[str]) -> Html:
    if not headings:
        return Html()
    lines = [tag("li", tag("a", name, href=f"#{at}")) for name, at in zip(headings, anchors, strict=True)]
    return tag("nav", tag("p", "On this page"), tag("ol", *lines), class_="contents", aria_label="Contents")


def _anchors(headings: Iterable[str]) -> list[str]:
    """Names for the sections' addresses, each once."""
    taken = {"content"}
    found = []
    for heading in headings:
        stem = re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-") or "section"
        anchor, count = stem, 1
        while anchor in taken:
            count += 1
            anchor = f"{stem}-{count}"
        taken |= {anchor, f"{anchor}-heading"}
        found.append(anchor)
    return found


@cache
def _head_style() -> tuple[str, str]:
    """The style sheet, and the policy that lets it alone through."""
    sheet = style_sheet()
    digest = b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return sheet, policy


def _head(title: str) -> Html:
    sheet, policy = _head_style()
    lines = [
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", title),
        tag("style", Html(sheet)),
    ]
    return tag("head", join(lines))
