"""A simulated person at a real pseudo-terminal: starts a program there, reads its screen and presses keys."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from typing import Any, Self

__all__ = ["REPLIES", "Typist", "as_text"]

# what terminals answer to: primary device attributes, kitty's test picture, the name, the size of a cell
REPLIES: Mapping[str, Mapping[bytes, bytes]] = {
    "silent": {},
    "old": {b"\x1b[c": b"\x1b[?1;2c"},
    "kitty": {
        b"\x1b[c": b"\x1b[?62;c",
        b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\": b"\x1b_Gi=31;OK\x1b\\",
        b"\x1b[>q": b"\x1bP>|kitty(0.39.1)\x1b\\",
        b"\x1b[16t": b"\x1b[6;20;10t",
    },
    "iterm2": {
        b"\x1b[c": b"\x1b[?64;1;2;4;6c",
        b"\x1b[>q": b"\x1bP>|iTerm2 3.5.10\x1b\\",
        b"\x1b[16t": b"\x1b[6;20;10t",
    },
    "sixel": {b"\x1b[c": b"\x1b[?61;4;6;22c", b"\x1b[16t": b"\x1b[6;20;10t"},
    "plain": {b"\x1b[c": b"\x1b[?65;1;9c", b"\x1b[>q": b"\x1bP>|VTE(7600)\x1b\\", b"\x1b[16t": b"\x1b[6;20;10t"},
}
# makes the pseudo-terminal the one that Ctrl-C comes from, then becomes the program
_BEGIN = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execvp(sys.argv[1], sys.argv[1:])"
_QUERY = re.compile(rb"\x1b\[c|\x1b\[>q|\x1b\[16t|\x1b_Gi=31,.*?\x1b\\")
_LONGEST = 64
"""Bytes of a query at most."""
_PIECE = 1 << 20
_STRINGS = re.compile(r"\x1b[_P\]X^].*?(?:\x1b\\|\x07)", re.DOTALL)
_CODES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


class Typist:
    """A program at a pseudo-terminal of that `kind` (see REPLIES). `screen` is all that it has written; errors too, unless
    they go to `errors` (a file).
    """

    def __init__(
        self,
        command: Sequence[str],
        kind: str = "old",
        *,
        size: tuple[int, int] = (100, 40),
        env: Mapping[str, str] | None = None,
        errors: Any = None,
    ) -> None:
        self.screen = b""
        self._replies, self._answered, self._read = REPLIES[kind], 0, 0
        self.fd, inner = pty.openpty()
        self._inner = inner
        self.resize(*size)
        began = [sys.executable, "-c", _BEGIN, *command]
        full = {**os.environ, "TERM": "xterm-256color", **(env or {})}
        self.process = subprocess.Popen(
            began, stdin=inner, stdout=inner, stderr=errors or inner, env=full, start_new_session=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(60)
        os.close(self.fd)
        os.close(self._inner)

    def until(self, pattern: str, seconds: float = 60) -> str:
        """What was written since the last call, up to and with the pattern. Raises TimeoutError where it does not come,
        EOFError where the program ended without it.
        """
        end = time.monotonic() + seconds
        wanted = re.compile(pattern.encode(), re.DOTALL)
        while (found := wanted.search(self.screen, self._read)) is None:
            ended = self.process.poll() is not None
            if not self._more(0.2) and (ended or time.monotonic() > end):
                failed = EOFError if ended else TimeoutError
                raise failed(f"{pattern!r} did not come; last on the screen: {self.screen[-2000:]!r}")
        begin, self._read = self._read, found.end()
        return self.screen[begin : self._read].decode(errors="replace")

    def press(self, keys: str) -> None:
        """Keys at once."""
        os.write(self.fd, keys.encode())

    def resize(self, columns: int, rows: int) -> None:
        """Another size of the window."""
        fcntl.ioctl(self._inner, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def mode(self) -> list[Any]:
        """How the terminal is set: termios.tcgetattr."""
        return termios.tcgetattr(self._inner)

    def end(self, seconds: float = 60) -> int:
        """Wait for the program's end; its exit code."""
        end = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < end:
            self._more(0.1)
        while self._more(0.1):
            pass
        return self.process.wait(30)

    def _more(self, seconds: float) -> bool:
        """Read what is there, and answer as the terminal would."""
        if seconds <= 0 or not select.select([self.fd], [], [], seconds)[0]:
            return False
        arrived = b""
        while len(arrived) < _PIECE and select.select([self.fd], [], [], 0.005)[0]:
            arrived += os.read(self.fd, 1 << 16)
        self.screen += arrived
        for query in _QUERY.finditer(self.screen, self._answered):
            self._answered = query.end()
            os.write(self.fd, self._replies.get(query[0], b""))
        self._answered = max(self._answered, len(self.screen) - _LONGEST)
        return True


def as_text(screen: str) -> str:
    """What a person would read, without escape sequences."""
    lines = _CODES.sub("", _STRINGS.sub("", screen)).replace("\r\n", "\n").split("\n")
    return "\n".join(line.rsplit("\r", 1)[-1].rstrip() for line in lines)
