"""A person's terminal: single keys in, text out, and put back as it was."""

import os
import re
import select
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from ocella.errors import InvalidValue

__all__ = ["Posix", "Terminal", "Windows", "key_at", "this_terminal"]

_WAIT = 0.25
"""Seconds between looks at the size of the window."""
_REST = 0.05
"""Seconds after which an Escape that nothing follows is the key itself."""
_TEXT = re.compile(rb"\x1b[_P\]X^].*?(?:\x1b\\|\x07)", re.DOTALL)
_CODE = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1bO[ -~]")
_ARROW = re.compile(rb"\x1b(?:\[(?:1;(\d+))?|O)([ABCDHF])")
_ARROWS = {b"A": "up", b"B": "down", b"C": "right", b"D": "left", b"H": "home", b"F": "end of line"}
_ENTER, _BACK = dict.fromkeys("\r\n", "enter"), dict.fromkeys("\x7f\x08", "backspace")
_SINGLE = _ENTER | _BACK | {"\t": "tab", "\x1b": "escape", "\x1a": "undo", "\x04": "end"}
_WINDOWS = {"H": "up", "P": "down", "K": "left", "M": "right", "G": "home", "O": "end of line"}


class Terminal(ABC):
    """Keys are single characters, or enter, backspace, tab, escape, undo (Ctrl-Z), up, shift-up and so on, "resize" where
    the window's size changed, "end" where nobody types any more, "" for one that means nothing here.
    """

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._size = self.size()

    def write(self, text: str) -> None:
        """Text as it is, escape sequences too; characters that the terminal lacks are replaced."""
        encoding = self._out.encoding or "utf-8"
        self._out.write(text.encode(encoding, "replace").decode(encoding))
        self._out.flush()

    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        try:
            columns, rows = os.get_terminal_size(self._out.fileno())
        except (OSError, ValueError):
            return 80, 24
        return columns or 80, rows or 24

    def key(self) -> str:
        """The next key, when there is one."""
        while True:
            if self._ready(_WAIT):
                return self._read()
            if self.size() != self._size:
                self._size = self.size()
                return "resize"

    @abstractmethod
    def keys(self) -> Any:
        """A context in which keys come at once and are not shown; afterwards all is as before."""

    @abstractmethod
    def forget(self) -> None:
        """Drop what was typed ahead, for it answers nothing that was seen."""

    def ask(self, query: str, until: "re.Pattern[bytes]", seconds: float) -> bytes:  # noqa: ARG002  # for those who can
        """What the terminal itself replies to a query, b"" where it cannot be asked."""
        return b""

    @abstractmethod
    def _ready(self, seconds: float) -> bool:
        """Whether there is something to read within so many seconds."""

    @abstractmethod
    def _read(self) -> str:
        """One key."""


class Posix(Terminal):
    """A terminal of Linux or macOS."""

    def __init__(self, keys: int, out: TextIO) -> None:
        super().__init__(out)
        self._keys, self._rest = keys, b""

    @contextmanager
    def keys(self) -> Iterator[None]:
        """See Terminal. Ctrl-C still interrupts; Ctrl-Z comes as the key undo."""
        import termios
        import tty

        before = termios.tcgetattr(self._keys)
        try:
            tty.setcbreak(self._keys)
            mode = termios.tcgetattr(self._keys)
            mode[6][termios.VSUSP] = b"\0"
            termios.tcsetattr(self._keys, termios.TCSANOW, mode)
            yield
        finally:
            termios.tcsetattr(self._keys, termios.TCSADRAIN, before)

    def forget(self) -> None:
        """See Terminal."""
        import termios

        termios.tcflush(self._keys, termios.TCIFLUSH)
        self._rest = b""

    def ask(self, query: str, until: "re.Pattern[bytes]", seconds: float) -> bytes:
        """See Terminal; within `keys` alone."""
        self.write(query)
        reply, end = b"", time.monotonic() + seconds
        while not until.search(reply) and (left := end - time.monotonic()) > 0:
            if self._ready(left):
                more = self._more()
                if not more:
                    break
                reply += more
        return reply

    def _ready(self, seconds: float) -> bool:
        return bool(self._rest) or bool(select.select([self._keys], [], [], seconds)[0])

    def _read(self) -> str:
        while True:
            key, used = key_at(self._rest, ended=False)
            if used:
                self._rest = self._rest[used:]
                return key
            if self._rest and not select.select([self._keys], [], [], _REST)[0]:
                key, used = key_at(self._rest, ended=True)
                self._rest = self._rest[used:]
                return key
            more = self._more()
            if not more:
                return "end"
            self._rest += more

    def _more(self) -> bytes:
        try:
            return os.read(self._keys, 4096)
        except OSError:  # the window was closed
            return b""


class Windows(Terminal):
    """The console of Windows. It tells no Shift with an arrow."""

    def __init__(self, out: TextIO, pressed: Callable[[], bool], character: Callable[[], str]) -> None:
        super().__init__(out)
        self._pressed, self._character = pressed, character

    @contextmanager
    def keys(self) -> Iterator[None]:
        """See Terminal: the console has no other way."""
        yield

    def forget(self) -> None:
        """See Terminal."""
        while self._pressed():
            self._character()

    def _ready(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while not self._pressed():
            if time.monotonic() > end:
                return False
            time.sleep(0.01)
        return True

    def _read(self) -> str:
        character = self._character()
        if character == "\x03":
            raise KeyboardInterrupt
        if character in ("\x00", "\xe0"):
            return _WINDOWS.get(self._character(), "")
        return _named(character)


def this_terminal(instead: str) -> Terminal:
    """The terminal that this process runs at; raises InvalidValue, saying what to do `instead`, where it has none."""
    if not sys.stdin.isatty() or not sys.stdout.isatty():
        raise InvalidValue(f"Questions need a terminal to be asked at, and there is none here. {instead}")
    if sys.platform == "win32":
        import msvcrt

        return Windows(sys.stdout, msvcrt.kbhit, msvcrt.getwch)
    return Posix(sys.stdin.fileno(), sys.stdout)


def key_at(typed: bytes, *, ended: bool) -> tuple[str, int]:
    """The key that the bytes begin with and how many bytes it takes, 0 while more must come (unless it `ended`). Replies of
    the terminal that came late are "".
    """
    if not typed:
        return "", 0
    if typed[0] == 0x1B:
        return _escaped(typed, ended=ended)
    for length in range(1, 5):
        try:
            return _named(typed[:length].decode()), min(length, len(typed))
        except UnicodeDecodeError as error:
            if error.reason != "unexpected end of data":
                break
            if len(typed) <= length:
                return "", length if ended else 0
    return "", 1


def _escaped(typed: bytes, *, ended: bool) -> tuple[str, int]:
    if arrow := _ARROW.match(typed):
        shift = "shift-" if arrow[1] == b"2" else ""
        return shift + _ARROWS[arrow[2]], arrow.end()
    if code := _TEXT.match(typed) or _CODE.match(typed):
        return "", code.end()
    if not ended:
        return "", 0
    return ("escape", 1) if len(typed) == 1 else ("", len(typed))


def _named(character: str) -> str:
    return _SINGLE.get(character, character if character.isprintable() else "")
