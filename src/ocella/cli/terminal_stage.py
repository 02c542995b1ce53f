"""Where a question is shown and answered: a picture, lines of text, and keys."""

import socket
from collections.abc import Callable
from pathlib import Path

from ocella.cli.terminal import Terminal
from ocella.cli.terminal_picture import Screen, escape, quick_png
from ocella.media.write import write_bytes
from ocella.types import Image

__all__ = ["PICTURE", "Drawer", "Stage", "plain"]

PICTURE = "question.png"
"""The one file that shows the question at hand, where the terminal cannot."""
_FILE_HW = (720, 1280)
_CELL_HW = (16, 8)
_TEXT_ROWS = 9
_LEAST_HW, _MOST_HW = (96, 160), (1000, 1800)

Drawer = Callable[[tuple[int, int]], Image]
"""Makes a picture within (height, width)."""


class Stage:
    """`folder` takes the picture's file where `screen` has no graphics."""

    def __init__(self, terminal: Terminal, screen: Screen, folder: Path) -> None:
        self._terminal, self._screen, self._folder = terminal, screen, folder
        self._begun = False

    @property
    def draws(self) -> bool:
        """Whether pictures are in the terminal itself."""
        return self._screen.graphics != "none"

    def show(self, draw: Drawer, *, again: bool = False) -> None:
        """The picture, by a function that draws it within (height, width): at the top of an emptied window, or in a file
        whose path is told, unless it is shown `again`.
        """
        if self.draws:
            self._clear()
            image = draw(self._room())
            tall, wide = self._screen.cell_hw or _CELL_HW
            cells = -(-image.width // wide), -(-image.height // tall)
            self._terminal.write(escape(image, self._screen.graphics, cells))
            return
        path = write_bytes(self._folder / PICTURE, quick_png(draw(_FILE_HW))).resolve()
        if not again:
            self.say(f"Picture: {self._linked(path)}", raw=True)
        if not self._begun:
            self.say("         (each question writes it anew: keep it open in a viewer that follows changes)")
        self._begun = True

    def say(self, *lines: str, raw: bool = False) -> None:
        """Lines; what comes from files and models cannot steer the terminal, unless `raw`."""
        self._terminal.write("".join((line if raw else plain(line)) + "\n" for line in lines))

    def prompt(self, text: str = "> ") -> None:
        """Wait here; keys that were pressed before it was seen do not count."""
        self._terminal.forget()
        self._terminal.write(text)

    def key(self) -> str:
        """The next key; "resize" only where the picture is to be drawn again for it."""
        key = self._terminal.key()
        while key == "resize" and not self.draws:
            key = self._terminal.key()
        return key

    def line(self, prompt: str) -> str | None:
        """Text up to Enter; None after Escape or where nobody types any more."""
        typed = ""
        self._terminal.write(prompt)
        while (key := self.key()) not in ("enter", "escape", "end"):
            if key == "backspace" and typed:
                typed = typed[:-1]
                self._terminal.write("\b \b")
            elif len(key) == 1:
                typed += key
                self._terminal.write(key)
        self._terminal.write("\n")
        return typed.strip() if key == "enter" else None

    def _clear(self) -> None:
        """What was in the window before the first picture scrolls up out of it; later pictures replace each other."""
        if not self._begun:
            self._terminal.write("\n" * self._terminal.size()[1])
        self._begun = True
        self._terminal.write("\x1b[H\x1b[2J")

    def _room(self) -> tuple[int, int]:
        columns, rows = self._terminal.size()
        tall, wide = self._screen.cell_hw or _CELL_HW
        height = min(max((rows - _TEXT_ROWS) * tall, _LEAST_HW[0]), _MOST_HW[0])
        return height, min(max((columns - 1) * wide, _LEAST_HW[1]), _MOST_HW[1])

    def _linked(self, path: Path) -> str:
        text = plain(str(path))
        if not self._screen.links:
            return text
        address = path.as_uri().replace("file://", f"file://{socket.gethostname()}", 1)
        return f"\x1b]8;;{address}\x1b\\{text}\x1b]8;;\x1b\\"


def plain(text: str) -> str:
    """Characters that would steer a terminal as question marks."""
    return "".join(c if c.isprintable() else "?" for c in text)
