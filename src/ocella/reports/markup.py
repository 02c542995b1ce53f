"""Markup that is escaped unless it says it is safe."""

import re
from collections.abc import Iterable
from html import escape as quote_html
from urllib.parse import quote

from ocella.errors import InvalidValue

__all__ = ["Html", "escape", "join", "link", "tag"]

# no page or SVG may hold these, and lone surrogates (odd file names) cannot be written as UTF-8
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_EMPTY = frozenset({"br", "circle", "img", "line", "meta", "path", "polygon", "rect"})
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")


class Html(str):
    """Markup that is safe as it stands. Any other text is escaped where it enters a page."""

    __slots__ = ()


def escape(value: object) -> Html:
    """`value` as text of a page; Html passes unchanged."""
    return value if isinstance(value, Html) else Html(quote_html(_FORBIDDEN.sub("\ufffd", str(value))))


def join(parts: Iterable[Html], between: str = "") -> Html:
    """Markup one after another, with `between` as text between two."""
    return Html(escape(between).join(parts))


def tag(name: str, /, *children: object, **attributes: object) -> Html:
    """One element. `class_` writes `class`, `stroke_width` writes `stroke-width`, None leaves an attribute out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _EMPTY:
        return Html(f"<{name}{written} />")
    return Html(f"<{name}{written}>{''.join(escape(child) for child in children)}</{name}>")


def link(text: object, href: str) -> Html:
    """A link to a file beside the page or to a web address; raises InvalidValue on any other scheme."""
    scheme = _SCHEME.match(href.strip())
    if scheme and scheme[1].lower() not in {"http", "https", "mailto"}:
        raise InvalidValue(f"a link takes a relative path, http, https or mailto, got {href!r}. Use a relative path.")
    return tag("a", text, href=quote(href.strip(), safe="/#?&=%:~+,;@!$'()*[]-._", errors="replace"))
