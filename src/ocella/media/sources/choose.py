"""From what people write to a source: a path, a number, an address, `screen`."""

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ocella.errors import InvalidValue, NotFound
from ocella.media.container import is_image
from ocella.media.find import IMAGE_SUFFIXES
from ocella.media.sources.capture import Webcam
from ocella.media.sources.folder import Folder
from ocella.media.sources.given import Given
from ocella.media.sources.network import SCHEMES, NetworkStream
from ocella.media.sources.recording import Recording
from ocella.media.sources.screen import Screen
from ocella.media.sources.source import Source, redact

__all__ = ["open_source"]


def open_source(reference: Any, **options: Any) -> Source:
    """A source for a file, a folder, a webcam's number (`0`, `webcam:0`, `/dev/video0`), an address (`rtsp://`, `http://`),
    the screen (`screen`, `screen:2`), images or a function that gives some; `options` are those of its class. Nothing is
    connected yet. Raises NotFound, InvalidValue, MissingExtra.
    """
    make, arguments = _choice(reference)
    try:
        return make(*arguments, **options)  # type: ignore[no-any-return]
    except TypeError as error:
        wrong = re.search(r"unexpected keyword argument '(\w+)'", str(error))
        if wrong is None:
            raise
        raise InvalidValue(f"{redact(str(reference))} takes no option '{wrong[1]}'. See {make.__name__}.") from None


def _choice(reference: Any) -> tuple[Any, tuple[Any, ...]]:
    if isinstance(reference, bool) or reference is None or reference == "":
        raise InvalidValue(f"A source is a path, a webcam's number, an address or 'screen', got {reference!r}.")
    if isinstance(reference, int):
        return Webcam, (reference,)
    if isinstance(reference, str | os.PathLike):
        return _written(os.fspath(reference))
    if callable(reference) or isinstance(reference, Iterable):
        return Given, (reference,)
    raise InvalidValue(
        f"A source is a path, a webcam's number, an address or 'screen', got {type(reference).__name__}."
    )


def _written(text: str) -> tuple[Any, tuple[Any, ...]]:
    if "://" in text:
        if urlsplit(text).scheme.lower() in SCHEMES:
            return NetworkStream, (text,)
        raise InvalidValue(f"An address must begin with one of {', '.join(SCHEMES)}, got {redact(text)!r}.")
    numbered = re.fullmatch(r"(webcam|screen)(?::(\d+))?", text)
    if numbered is not None:
        kind, number = numbered.groups()
        return (Webcam, (int(number or 0),)) if kind == "webcam" else (Screen, (int(number or 1),))
    if text.isdecimal() and not Path(text).exists():
        return Webcam, (int(text),)
    if text.startswith("/dev/video"):
        return Webcam, (text,)
    return _on_disk(Path(text))


def _on_disk(path: Path) -> tuple[Any, tuple[Any, ...]]:
    if path.is_dir():
        return Folder, (path,)
    if not path.is_file():
        raise NotFound(f"{path} is not there. Give a video, a folder, a webcam's number, an address, or 'screen'.")
    with path.open("rb") as file:
        is_picture = is_image(file.read(16))
    return (Folder if is_picture or path.suffix.lower() in IMAGE_SUFFIXES else Recording), (path,)
