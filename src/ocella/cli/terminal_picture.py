"""Pictures in a terminal, by whichever of three protocols it says it has; none where it does not say.

Kitty's graphics protocol: sw.kovidgoyal.net/kitty/graphics-protocol. iTerm2's inline images: iterm2.com/documentation-images.html.
Sixel: vt100.net/docs/vt3xx-gp/chapter14.html.
"""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from ocella.cli.terminal import Terminal
from ocella.media.write import encode_jpeg
from ocella.types import Image

__all__ = ["Graphics", "Screen", "escape", "find_screen", "iterm2", "kitty", "quick_png", "sixel"]

Graphics = Literal["kitty", "iterm2", "sixel", "none"]
_SILENT = ("", "dumb", "unknown", "linux", "cons25", "emacs", "eterm")
"""Values of TERM whose terminals show a query instead of answering it."""
_ATTRIBUTES = re.compile(rb"\x1b\[\?([\d;]*)c")
_CELL = re.compile(rb"\x1b\[6;(\d+);(\d+)t")
_VERSION = re.compile(rb"\x1bP>\|(.*?)\x1b\\", re.DOTALL)
_IMAGE_ID = 4_106
_QUERY_ID = 31
_SIXEL_COLORS = 128
_SECONDS = 3.0
_WITH_INLINE = ("iTerm2", "WezTerm", "mintty")


@dataclass(frozen=True)
class Screen:
    """How pictures get onto a terminal; `cell_hw` pixels of a character, None where unknown; `links` whether it takes
    clickable links (OSC 8).
    """

    graphics: Graphics = "none"
    cell_hw: tuple[int, int] | None = None
    links: bool = False


def find_screen(terminal: Terminal, term: str) -> Screen:
    """Ask the terminal, of the type `term` (the variable TERM), what it can show. First a question that every terminal
    knows (DA1); only those that answer as a VT220 or later get kitty's, which older ones would print.
    """
    if term.lower() in _SILENT:
        return Screen()
    first = _ATTRIBUTES.search(terminal.ask("\x1b[c", _ATTRIBUTES, _SECONDS))
    if first is None:
        return Screen()
    attributes = [int(a) for a in first[1].split(b";") if a]
    late = bool(attributes) and attributes[0] >= 62
    drawing = 4 in attributes[1:]
    if not late and not drawing:
        return Screen(links=bool(attributes) and attributes[0] >= 61)
    test = f"\x1b_Gi={_QUERY_ID},s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[>q" if late else ""
    reply = terminal.ask(f"{test}\x1b[16t\x1b[c", _ATTRIBUTES, _SECONDS)
    version = _VERSION.search(reply)
    cell = _CELL.search(reply)
    return Screen(
        _graphics(reply, version[1].decode("ascii", "replace") if version else "", drawing=drawing),
        (int(cell[1]), int(cell[2])) if cell and int(cell[1]) and int(cell[2]) else None,
        links=attributes[0] >= 61,
    )


def _graphics(reply: bytes, version: str, *, drawing: bool) -> Graphics:
    if f"\x1b_Gi={_QUERY_ID};OK".encode() in reply:
        return "kitty"
    if version.startswith(_WITH_INLINE):
        return "iterm2"
    return "sixel" if drawing else "none"


def escape(image: Image, graphics: Graphics, cells: tuple[int, int]) -> str:
    """What to write so that the picture is at the cursor and the cursor below it; `cells` are the columns and rows that it
    takes, where the protocol lets that be said. "" for none.
    """
    if graphics == "kitty":
        return kitty(quick_png(image), cells) + "\n"
    if graphics == "iterm2":
        return iterm2(encode_jpeg(image, 90), cells) + "\n"
    return sixel(image) + "\n" if graphics == "sixel" else ""


def kitty(png: bytes, cells: tuple[int, int]) -> str:
    """In pieces of 4096 characters, in place of the picture before it; the terminal keeps silent about it."""
    data = base64.b64encode(png).decode()
    pieces = [data[i : i + 4096] for i in range(0, len(data), 4096)]
    told = f"a=T,f=100,q=2,i={_IMAGE_ID},c={cells[0]},r={cells[1]},"
    last = len(pieces) - 1
    sent = [f"\x1b_G{'' if i else told}m={int(i < last)};{piece}\x1b\\" for i, piece in enumerate(pieces)]
    return f"\x1b_Ga=d,d=I,i={_IMAGE_ID},q=2\x1b\\" + "".join(sent)


def iterm2(data: bytes, cells: tuple[int, int]) -> str:
    """One sequence; `data` is a file of any common format."""
    told = f"inline=1;size={len(data)};width={cells[0]};height={cells[1]};preserveAspectRatio=1"
    return f"\x1b]1337;File={told}:{base64.b64encode(data).decode()}\x07"


def quick_png(image: Image) -> bytes:
    """PNG bytes in a sixth of the time that smaller ones take, for a picture that is looked at once."""
    import cv2

    return cv2.imencode(".png", image.pixels[:, :, ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1])[1].tobytes()


def sixel(image: Image, colors: int = _SIXEL_COLORS) -> str:
    """Bands of six rows in at most `colors` colours that suit the picture."""
    from PIL import Image as Pillow

    flat = Pillow.fromarray(image.pixels).quantize(colors)
    places = np.asarray(flat)
    palette = np.asarray(flat.getpalette(), np.uint8).reshape(-1, 3)
    inks = "".join(
        f"#{i};2;{';'.join(str(round(v * 100 / 255)) for v in palette[i].tolist())}" for i in np.unique(places)
    )
    bands = (places[y : y + 6] for y in range(0, image.height, 6))
    return f'\x1bP0;1;0q"1;1;{image.width};{image.height}{inks}{"-".join("$".join(_inked(b)) for b in bands)}\x1b\\'


def _inked(band: npt.NDArray[np.uint8]) -> Iterator[str]:
    """For each colour of up to six rows its columns as characters, repeated ones counted."""
    bits = np.zeros((256, band.shape[1]), np.uint8)
    for row, colors in enumerate(band):
        bits[colors, np.arange(len(colors))] |= 1 << row
    for color in np.unique(band).tolist():
        columns = bits[color]
        starts = np.flatnonzero(np.diff(columns, prepend=~columns[:1]))
        counts = np.diff(starts, append=len(columns)).tolist()
        pairs = zip((columns[starts] + 63).tolist(), counts, strict=True)
        yield f"#{color}" + "".join(f"!{n}{chr(code)}" if n > 3 else chr(code) * n for code, n in pairs)
