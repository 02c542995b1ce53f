"""Pictures as escape sequences, read back."""

import base64
import re
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from ocella.cli.terminal_picture import escape, iterm2, kitty, sixel
from ocella.types import Image

Pixels = npt.NDArray[np.uint8]
INKS = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), (51, 102, 153))


def decoded(data: bytes) -> Pixels:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    return np.asarray(pixels[:, :, ::-1], np.uint8)


def from_kitty(screen: bytes) -> list[Pixels]:
    """Every picture that was sent and placed."""
    pictures, data = [], b""
    for told, payload in re.findall(rb"\x1b_G([^;\x1b]*);([^\x1b]*)\x1b\\", screen):
        keys = dict(part.split(b"=") for part in told.split(b","))
        if keys.get(b"a") == b"q":
            continue
        assert len(payload) <= 4096
        data += base64.b64decode(payload)
        if keys[b"m"] == b"0":
            pictures.append(decoded(data))
            data = b""
    assert not data
    return pictures


def from_iterm2(screen: bytes) -> Pixels:
    found = re.search(rb"\x1b\]1337;File=([^:]*):([^\x07]*)\x07", screen)
    assert found
    data = base64.b64decode(found[2])
    assert f"size={len(data)}".encode() in found[1].split(b";")
    return decoded(data)


def from_sixel(screen: bytes) -> Pixels:
    """The first sixel picture, read as the VT330 manual says."""
    found = re.search(rb'\x1bP[\d;]*q"1;1;(\d+);(\d+)(.*?)\x1b\\', screen, re.DOTALL)
    assert found
    width, height = int(found[1]), int(found[2])
    pixels = np.zeros((height + 6, width, 3), np.uint8)
    inks: dict[int, Any] = {}
    x, y, ink = 0, 0, 0
    for number, _, r, g, b, count, code, move in re.findall(
        r"#(\d+)(;2;(\d+);(\d+);(\d+))?|(?:!(\d+))?([?-~])|([$-])", found[3].decode()
    ):
        if number:
            ink = int(number)
            if r:
                inks[ink] = [round(int(v) * 2.55) for v in (r, g, b)]
        elif code:
            n = int(count or 1)
            for row in range(6):
                if (ord(code) - 63) >> row & 1:
                    pixels[y + row, x : x + n] = inks[ink]
            x += n
            assert x <= width
        else:
            x, y = 0, y + (6 if move == "-" else 0)
    assert not pixels[height:].any()
    return pixels[:height]


@pytest.mark.parametrize("size_hw", [(1, 1), (6, 4), (7, 300), (40, 17)])
def test_sixels_read_back_as_the_picture(size_hw: tuple[int, int]) -> None:
    pixels = np.asarray(INKS, np.uint8)[np.random.default_rng(3).integers(0, len(INKS), size_hw)]
    pixels[:, size_hw[1] // 2 :] = INKS[-1]
    back = from_sixel(sixel(Image(pixels)).encode())
    assert back.shape == pixels.shape
    assert np.abs(back.astype(int) - pixels).max() <= 2


def test_kitty_sends_pieces_and_puts_the_new_picture_in_place_of_the_old() -> None:
    pixels = np.random.default_rng(4).integers(0, 255, (60, 80, 3), np.uint8)
    data = cv2.imencode(".png", pixels[:, :, ::-1])[1].tobytes()
    sent = kitty(data, (8, 3))
    assert np.array_equal(from_kitty(sent.split("\x1b\\", 1)[1].encode())[0], pixels)
    assert sent.startswith("\x1b_Ga=d,d=I,i=4106,q=2\x1b\\\x1b_Ga=T,f=100,q=2,i=4106,c=8,r=3,m=1;")


def test_inline_images_say_their_cells() -> None:
    assert iterm2(b"abc", (8, 3)) == "\x1b]1337;File=inline=1;size=3;width=8;height=3;preserveAspectRatio=1:YWJj\x07"


def test_no_graphics_is_nothing() -> None:
    assert escape(Image(np.zeros((4, 4, 3), np.uint8)), "none", (1, 1)) == ""
