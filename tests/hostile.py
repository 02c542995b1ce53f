"""A folder of files as they come in the wild: good ones in every dress, and bad ones that look good."""

import os
import struct
import unicodedata
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow

__all__ = ["PICTURE_HW", "Hostile", "encoded", "make", "picture"]

PICTURE_HW = (48, 64)
Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Hostile:
    """A path below the folder, what is special about it, whether `load` gives its picture, and its size then."""

    name: str
    kind: str
    good: bool
    size_hw: tuple[int, int] | None = None


def picture(height: int = PICTURE_HW[0], width: int = PICTURE_HW[1]) -> Pixels:
    """Smooth in both directions, every corner of its own colour, so that any turn or flip shows."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    y, x = y / max(height - 1, 1), x / max(width - 1, 1)
    return np.stack([230 * x + 10, 230 * y + 10, 200 - 150 * x * y], axis=2).round().astype(np.uint8)


def encoded(kind: str, pixels: Any = None, **options: Any) -> bytes:
    """Bytes of a Pillow image or an array in a format of Pillow."""
    value = picture() if pixels is None else pixels
    image = value if isinstance(value, Pillow.Image) else Pillow.fromarray(value)
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def make(folder: Path, *, links: bool = True) -> list[Hostile]:
    """Write the files and say what is there. What the system cannot hold (names, links) is left out."""
    made: list[Hostile] = []
    for build in (_plain, _modes, _deep, _animated, _turned, _shapes, _names, _broken, _foreign):
        for name, kind, good, size_hw, data in build():
            path = folder / name
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            except (OSError, UnicodeError):  # the system has no such names
                continue
            made.append(Hostile(name, kind, good, size_hw))
    if links:
        made.extend(_links(folder))
    return made


Row = tuple[str, str, bool, tuple[int, int] | None, bytes]


def _good(name: str, kind: str, data: bytes, size_hw: tuple[int, int] = PICTURE_HW) -> Row:
    return name, kind, True, size_hw, data


def _bad(name: str, kind: str, data: bytes) -> Row:
    return name, kind, False, None, data


def _plain() -> list[Row]:
    formats = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "bmp": "BMP", "tiff": "TIFF", "ppm": "PPM"}
    rows = [_good(f"plain/{kind}.{suffix}", f"plain {kind}", encoded(kind)) for suffix, kind in formats.items()]
    progressive = encoded("JPEG", progressive=True, quality=90)
    return [
        *rows,
        _good("plain/progressive.JPG", "progressive jpeg, suffix in capitals", progressive),
        _good("a.jpg", "equal stems", encoded("JPEG")),
        _good("a.png", "equal stems", encoded("PNG", picture()[::-1])),
        _good("sub/a.jpg", "equal stems", encoded("JPEG", picture()[:, ::-1])),
        _good("wrong/png-named.jpg", "wrong suffix", encoded("PNG")),
        _good("wrong/no-suffix", "no suffix", encoded("PNG", picture()[::-1, ::-1])),
    ]


def _modes() -> list[Row]:
    rgb = Pillow.fromarray(picture())
    rgba = rgb.convert("RGBA")
    rgba.putalpha(Pillow.fromarray(np.tile(np.linspace(0, 255, PICTURE_HW[1]).astype(np.uint8), (PICTURE_HW[0], 1))))
    palette = rgb.quantize(32)
    return [
        _good("modes/cmyk.jpg", "CMYK jpeg", encoded("JPEG", rgb.convert("CMYK"), quality=95)),
        _good("modes/cmyk.tif", "CMYK tiff", encoded("TIFF", rgb.convert("CMYK"))),
        _good("modes/gray.jpg", "grayscale", encoded("JPEG", rgb.convert("L"))),
        _good("modes/gray.png", "grayscale", encoded("PNG", rgb.convert("L"))),
        _good("modes/gray-alpha.png", "grayscale with alpha", encoded("PNG", rgba.convert("LA"))),
        _good("modes/alpha.png", "alpha", encoded("PNG", rgba)),
        _good("modes/alpha.webp", "alpha", encoded("WEBP", rgba, lossless=True)),
        _good("modes/palette.png", "palette", encoded("PNG", palette)),
        _good("modes/palette-clear.png", "palette with a clear colour", encoded("PNG", palette, transparency=3)),
        _good(
            "modes/palette-alphas.png", "palette with alphas", encoded("PNG", palette, transparency=bytes(range(32)))
        ),
        _good("modes/key.png", "RGB with a clear colour", encoded("PNG", rgb, transparency=(10, 10, 200))),
        _good("modes/bits.png", "1 bit", encoded("PNG", rgb.convert("1"))),
        _good("modes/fax.tif", "1 bit, fax", encoded("TIFF", rgb.convert("1"), compression="group4")),
    ]


def _deep() -> list[Row]:
    ramp = picture()[:, :, 0].astype(np.uint16) * 257
    unit = picture()[:, :, 0].astype(np.float32) / 255
    return [
        _good("deep/gray16.png", "16-bit png", encoded("PNG", ramp)),
        _good("deep/rgb16.png", "16-bit RGB png", png(picture().astype(np.uint16) * 257)),
        _good("deep/gray16.tif", "16-bit tiff", encoded("TIFF", ramp)),
        _good("deep/gray16be.tif", "16-bit tiff, big-endian", tiff16_big(ramp)),
        _good("deep/float.tif", "float tiff", encoded("TIFF", unit)),
        _good("deep/int32.tif", "32-bit tiff", encoded("TIFF", ramp.astype(np.int32))),
        _bad("deep/nan.tif", "float tiff with NaN", encoded("TIFF", np.where(unit > 0.5, np.nan, unit).astype("f4"))),
        _bad("deep/kelvin.tif", "float tiff of no picture", encoded("TIFF", unit * 1e6)),
    ]


def _animated() -> list[Row]:
    frames = [Pillow.fromarray(picture()), Pillow.fromarray(picture()[::-1].copy())]
    rest: dict[str, Any] = {"save_all": True, "append_images": frames[1:], "duration": 100}
    return [
        _good("moving/animated.gif", "animated gif", encoded("GIF", frames[0], **rest)),
        _good("moving/animated.webp", "animated webp", encoded("WEBP", frames[0], lossless=True, **rest)),
        _good("moving/animated.png", "animated png", encoded("PNG", frames[0], **rest)),
        _good(
            "moving/pages.tif", "tiff with pages", encoded("TIFF", frames[0], save_all=True, append_images=frames[1:])
        ),
    ]


def _turned() -> list[Row]:
    """Each file's stored pixels are turned such that its EXIF orientation brings the one picture back."""
    stored: dict[int, Callable[[Pixels], Pixels]] = {
        1: lambda p: p,
        2: lambda p: p[:, ::-1],
        3: lambda p: p[::-1, ::-1],
        4: lambda p: p[::-1],
        5: lambda p: p.transpose(1, 0, 2),
        6: np.rot90,
        7: lambda p: p[::-1, ::-1].transpose(1, 0, 2),
        8: lambda p: np.rot90(p, -1),
    }
    rows = []
    for orientation, turn in stored.items():
        exif = Pillow.Exif()
        exif[0x0112] = orientation
        pixels = np.ascontiguousarray(turn(picture()))
        for suffix, kind in (("jpg", "JPEG"), ("png", "PNG"), ("webp", "WEBP"), ("tif", "TIFF")):
            data = encoded(kind, pixels, exif=exif, **({"quality": 97} if kind == "JPEG" else {}))
            rows.append(_good(f"turned/{orientation}.{suffix}", f"orientation {orientation}", data))
    broken = encoded("JPEG", exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\xff\xff\x01\x12garbage")
    return [*rows, _good("turned/broken-exif.jpg", "broken EXIF", broken)]


def _shapes() -> list[Row]:
    rows = []
    for height, width in ((1, 1), (1, 3000), (3000, 1)):
        for suffix, kind in (("png", "PNG"), ("jpg", "JPEG")):
            data = encoded(kind, picture(height, width))
            rows.append(_good(f"shapes/{height}x{width}.{suffix}", "thin", data, (height, width)))
    return rows


def _names() -> list[Row]:
    names = [
        unicodedata.normalize("NFC", "caf\u00e9.png"),
        "\u5bcc\u58eb\u5c71/\u5199\u771f \U0001f33b.png",
        "with space.png",
        "-dash.png",
        "--option=1.png",
        "hash#and%20percent&amp;.png",
        "quote's.png",
        "dots.in.the.name.png",
        "l" * 200 + ".png",
        "deep/" * 12 + "down.png",
    ]
    rows = [_good(f"names/{n}", "unusual name", encoded("PNG", np.roll(picture(), i, 1))) for i, n in enumerate(names)]
    decomposed = unicodedata.normalize("NFD", "na\u00efve.png")
    return [*rows, _good(f"names/{decomposed}", "decomposed name", encoded("PNG", np.roll(picture(), 30, 1)))]


def _broken() -> list[Row]:
    large = picture(240, 320)
    jpeg, baseline = encoded("JPEG", large, quality=95, progressive=True), encoded("JPEG", large, quality=95)
    whole = {"png": encoded("PNG"), "gif": encoded("GIF"), "bmp": encoded("BMP"), "webp": encoded("WEBP")}
    whole["tif"] = encoded("TIFF")
    rows = [
        _bad(f"broken/cut.{suffix}", f"truncated {suffix}", data[: len(data) * 6 // 10])
        for suffix, data in whole.items()
    ]
    return [
        *rows,
        _bad("broken/empty.jpg", "0 bytes", b""),
        _bad("broken/empty.png", "0 bytes", b""),
        _bad("broken/cut.jpg", "truncated jpeg", baseline[: len(baseline) * 6 // 10]),
        _bad("broken/cut-progressive.jpg", "truncated jpeg", jpeg[: len(jpeg) * 6 // 10]),
        _bad(
            "broken/padded.jpg", "jpeg whose end is zeros", baseline[: len(baseline) // 2] + bytes(len(baseline) // 2)
        ),
        _bad("broken/head-only.jpg", "truncated jpeg", baseline[:120]),
        _bad("broken/magic-only.png", "truncated png", whole["png"][:8]),
        _bad("broken/flipped.png", "png with a wrong checksum", _flipped(whole["png"])),
        _bad("broken/huge.png", "header claims 60000 x 60000", huge_png(60_000)),
        _bad("broken/huge.gif", "header claims 65535 x 65535", huge_gif()),
        _bad("broken/zero.png", "header claims 0 x 0", huge_png(0)),
    ]


def _foreign() -> list[Row]:
    return [
        _bad("foreign/text.jpg", "text named .jpg", b"This is not a photograph.\n" * 9),
        _bad("foreign/page.png", "HTML named .png", b"<!doctype html><title>404</title>" * 9),
        _bad("foreign/zeros.tif", "zeros named .tif", bytes(2000)),
        _bad("foreign/program.exe", "not an image", b"MZ" + bytes(200)),
        _bad("foreign/notes.txt", "not an image", b"notes"),
        _bad("foreign/photo.heic", "HEIC", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(64)),
        _bad("foreign/labels.json", "not an image", b"{}"),
        _bad("foreign/video.mp4", "text named .mp4", b"no video" * 30),
    ]


def _links(folder: Path) -> list[Hostile]:
    made = []
    inside = folder / "links"
    wanted = {
        "loop": (folder, True, "link to a folder around it"),
        "again": (folder / "sub", True, "link to a folder listed already"),
        "twin.jpg": (folder / "a.jpg", False, "link to a file listed already"),
        "nowhere.jpg": (folder / "gone.jpg", False, "link that leads nowhere"),
        "itself.jpg": (inside / "itself.jpg", False, "link to itself"),
    }
    inside.mkdir(parents=True, exist_ok=True)
    for name, (target, is_folder, kind) in wanted.items():
        try:
            (inside / name).symlink_to(target, target_is_directory=is_folder)
        except OSError:  # the account may not make links
            continue
        made.append(Hostile(f"links/{name}", kind, good=False))
    if hasattr(os, "mkfifo"):
        os.mkfifo(inside / "pipe.png")
        made.append(Hostile("links/pipe.png", "not a regular file", good=False))
    return made


def png(pixels: npt.NDArray[Any]) -> bytes:
    """A PNG of RGB pixels of 8 or 16 bits, written by hand, since Pillow writes no 16-bit RGB."""
    height, width = pixels.shape[:2]
    deep = pixels.dtype.itemsize == 2
    raw = pixels.astype(">u2" if deep else "u1").reshape(height, -1).view("u1").reshape(height, -1)
    lines = np.hstack([np.zeros((height, 1), np.uint8), raw]).tobytes()
    head = struct.pack(">IIBBBBB", width, height, 16 if deep else 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(lines)) + _chunk(b"IEND", b"")


def huge_png(side: int) -> bytes:
    """A whole PNG of a few bytes whose header claims side x side pixels."""
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def huge_gif() -> bytes:
    """A GIF of a few bytes whose header claims 65535 x 65535 pixels."""
    small = encoded("GIF")
    return small[:6] + b"\xff\xff\xff\xff" + small[10:]


def tiff16_big(gray: npt.NDArray[np.uint16]) -> bytes:
    """A big-endian 16-bit grey TIFF in one strip."""
    height, width = gray.shape
    data = gray.astype(">u2").tobytes()
    short = {256: width, 257: height, 258: 16, 259: 1, 262: 1, 277: 1, 278: height}
    entries = [(tag, 3, value << 16) for tag, value in short.items()]
    entries += [(273, 4, 8), (279, 4, len(data))]
    body = b"".join(struct.pack(">HHII", tag, kind, 1, value) for tag, kind, value in sorted(entries))
    directory = struct.pack(">H", len(entries)) + body + bytes(4)
    return b"MM\x00*" + struct.pack(">I", 8 + len(data)) + data + directory


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _flipped(data: bytes) -> bytes:
    at = data.index(b"IDAT") + 40
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]
