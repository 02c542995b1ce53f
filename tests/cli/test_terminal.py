"""Bytes to keys."""

import io
import os
import pty
import termios
from collections.abc import Iterator

import pytest

from ocella.cli.terminal import Posix, Windows, key_at

KEYS = [
    (b"y", "y", 1), (b"yn", "y", 1), ("é".encode(), "é", 2), ("猫x".encode(), "猫", 3), (b"\r", "enter", 1), (b"\n", "enter", 1),
    (b"\x7f", "backspace", 1), (b"\x08", "backspace", 1), (b"\t", "tab", 1), (b"\x04", "end", 1), (b"\x1a", "undo", 1),
    (b"\x1b[A", "up", 3), (b"\x1bOD", "left", 3), (b"\x1b[1;2C", "shift-right", 6), (b"\x1b[1;5C", "right", 6),
    (b"\x1b[H", "home", 3), (b"\x01", "", 1), (b"\xff", "", 1), (b"\x1b[5~", "", 4), (b"\x1b[200~y", "", 6),
    (b"\x1b[?62;4c", "", 8), (b"\x1b_Gi=31;OK\x1b\\y", "", 12), (b"\x1bP>|kitty(0.39)\x1b\\q", "", 17),
    (b"\x1b]11;rgb:0/0/0\x07", "", 15), (b"\x1b[6;20;10t", "", 10),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "key", "used"), KEYS)
def test_a_key_by_its_bytes(typed: bytes, key: str, used: int) -> None:
    assert key_at(typed, ended=False) == (key, used)


@pytest.mark.parametrize("typed", [b"", b"\x1b", b"\x1b[", b"\x1b[1;2", b"\x1b_Gi=31;O", b"\xc3", b"\xe7\x8c"])
def test_more_must_come(typed: bytes) -> None:
    assert key_at(typed, ended=False) == ("", 0)


@pytest.mark.parametrize(("typed", "key"), [(b"\x1b", "escape"), (b"\x1b[", ""), (b"\x1b_Gi=31;O", ""), (b"\xc3", "")])
def test_nothing_more_comes(typed: bytes, key: str) -> None:
    assert key_at(typed, ended=True) == (key, len(typed))


def windows(typed: Iterator[str]) -> Windows:
    return Windows(io.StringIO(), lambda: True, lambda: next(typed))


def test_the_console_of_windows_names_its_keys_alike() -> None:
    console = windows(iter("y\xe0K\x00Hé\r\x08\x1b\xe0S\x1a\x03"))
    with console.keys():
        assert [console.key() for _ in range(9)] == ["y", "left", "up", "é", "enter", "backspace", "escape", "", "undo"]
        with pytest.raises(KeyboardInterrupt):
            console.key()
    console.write("x")
    assert console.size() == (80, 24)


def test_keys_come_one_by_one_and_those_typed_ahead_can_be_dropped() -> None:
    outer, inner = pty.openpty()
    try:
        before = termios.tcgetattr(inner)
        terminal = Posix(inner, io.StringIO())
        with terminal.keys():
            os.write(outer, b"ab\x1b")
            assert [terminal.key() for _ in range(3)] == ["a", "b", "escape"]
            os.write(outer, b"xy")
            assert terminal.key() == "x"
            os.write(outer, b"z")
            terminal.forget()
            os.write(outer, "é".encode())
            assert terminal.key() == "é"
        assert termios.tcgetattr(inner) == before
    finally:
        os.close(outer)
        os.close(inner)
