"""Motion JPEG over HTTP: a multipart answer whose parts are JPEG files."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ocella.errors import Unreadable
from ocella.media.container import refuse_cut_off
from ocella.media.sources.source import Pixels

__all__ = ["Part", "parts", "to_pixels"]

_LIMIT = 64 * 2**20
_TIMES = ("x-timestamp", "x-time-stamp", "timestamp")


@dataclass(frozen=True)
class Part:
    """One file of the answer; `seconds` where its head tells a time."""

    data: bytes
    seconds: float | None = None


def parts(chunks: Iterable[bytes], content_type: str) -> Iterator[Part]:
    """Each part as soon as it is whole: by its length where its head has one, else up to the next boundary. Raises Unreadable
    where no boundary comes.
    """
    mark = b"--" + _boundary(content_type)
    buffer = bytearray()
    head: dict[str, str] | None = None
    source = iter(chunks)
    while True:
        if head is None:
            head, used = _head(buffer, mark)
            if head is not None:
                del buffer[:used]
                continue
        else:
            end = _end(buffer, head, mark)
            if end is not None:
                if end:
                    yield Part(bytes(buffer[:end]), _seconds(head))
                del buffer[:end]
                head = None
                continue
        if len(buffer) > _LIMIT:
            raise Unreadable(f"A Motion JPEG stream sent {len(buffer)} bytes without an end of a picture. Is it one?")
        more = next(source, None)
        if more is None:
            return
        buffer += more


def to_pixels(data: bytes, name: str) -> Callable[[], Pixels]:
    """Decodes one JPEG, upright."""

    def decode() -> Pixels:
        import cv2
        import numpy as np

        try:
            refuse_cut_off(f"{name}: a frame", data)
        except Unreadable:
            bgr = None
        else:
            bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        if bgr is None:
            raise Unreadable(f"{name}: a frame of {len(data)} bytes cannot be decoded.")
        pixels: Pixels = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
        return pixels

    return decode


def _boundary(content_type: str) -> bytes:
    found = re.search(r'boundary="?([^";]+)"?', content_type, re.IGNORECASE)
    if found is None:
        raise Unreadable(f"A Motion JPEG stream must name its boundary, got content type {content_type!r}.")
    return found[1].strip().removeprefix("--").encode("latin-1")


def _head(buffer: bytearray, mark: bytes) -> tuple[dict[str, str] | None, int]:
    """Fields of the head that follows the next boundary, and where it ends."""
    start = buffer.find(mark)
    if start < 0:
        return None, 0
    begin = start + len(mark)
    for end in (b"\r\n\r\n", b"\n\n"):
        stop = buffer.find(end, begin)
        if stop >= 0:
            lines = bytes(buffer[begin:stop]).decode("latin-1").splitlines()
            pairs = (line.split(":", 1) for line in lines if ":" in line)
            return {name.strip().lower(): value.strip() for name, value in pairs}, stop + len(end)
    return None, 0


def _end(buffer: bytearray, head: dict[str, str], mark: bytes) -> int | None:
    """Where the part ends; None where that is not here yet."""
    length = head.get("content-length", "")
    if length.isdecimal():
        return int(length) if len(buffer) >= int(length) else None
    stop = buffer.find(mark)
    if stop < 0:
        return None
    while stop > 0 and buffer[stop - 1] in b"\r\n":
        stop -= 1
    return stop


def _seconds(head: dict[str, str]) -> float | None:
    for name in _TIMES:
        try:
            return float(head[name])
        except (KeyError, ValueError):
            continue
    return None
