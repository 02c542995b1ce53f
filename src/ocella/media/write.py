"""Files out: all of a file or nothing, never half of it."""

import errno
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from ocella.errors import InvalidValue, NotFound, OcellaError, Refused
from ocella.types import Image

__all__ = [
    "encode_jpeg",
    "encode_png",
    "link_or_copy",
    "remove_leftovers",
    "replacing",
    "write_bytes",
    "write_json",
    "write_text",
]

_ADVICE = {
    errno.ENOSPC: "the disk is full. Free some space",
    errno.EDQUOT: "your disk quota is used up. Free some space",
    errno.EFBIG: "the file is larger than this disk or account allows. Choose another folder",
    errno.EROFS: "the disk is read-only. Choose another folder",
    errno.EACCES: "writing there is not allowed. Choose another folder, or close the program that holds the file",
    errno.EPERM: "writing there is not allowed. Choose another folder, or close the program that holds the file",
    errno.ENAMETOOLONG: "the name is too long for this disk. Choose a shorter one",
}


def write_bytes(path: Path | str, data: bytes) -> Path:
    """Write the file, making its folder; on any error the old file stays as it was. Raises OcellaError."""
    path = Path(path)
    with replacing(path) as temporary:
        temporary.write_bytes(data)
    return path


def write_text(path: Path | str, text: str) -> Path:
    """Write UTF-8 text with its line ends as they are; all or nothing. Raises OcellaError, InvalidValue."""
    return write_bytes(path, _utf8(path, text))


def write_json(path: Path | str, data: Any) -> Path:
    """Write JSON in one line, keys in their order, no NaN; all or nothing. Raises OcellaError, InvalidValue."""
    try:
        text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise InvalidValue(
            f"{path} takes JSON: text, finite numbers, lists and objects. Got something else: {error}."
        ) from error
    return write_text(path, text + "\n")


def encode_jpeg(image: Image, quality: int = 95) -> bytes:
    """JPEG bytes; quality 1 to 100, full colour resolution from 90 on. Raises InvalidValue."""
    if not 1 <= quality <= 100:
        raise InvalidValue(f"quality must be 1 to 100, got {quality}.")
    if max(image.size_hw) > 65_535:
        raise InvalidValue(f"JPEG holds at most 65535 pixels a side, got {image.size_hw}. Use PNG.")
    return _encode(image, "JPEG", quality=quality, subsampling=0 if quality >= 90 else 2)


def encode_png(image: Image) -> bytes:
    """PNG bytes, without loss."""
    return _encode(image, "PNG", compress_level=6)


def link_or_copy(source: Path | str, target: Path | str) -> Path:
    """Put `source` at `target`: a hard link where the disk can, else a copy. Raises NotFound where there is no source,
    Refused where other content has the name, OcellaError where the disk says no.
    """
    source, target = Path(source), Path(target)
    if not source.is_file():
        raise NotFound(f"{source} is not a file (any more). Check the path.")
    with _explained(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        if _linked(source.resolve(), target):
            return target
        if not os.path.lexists(target):
            _copied(source, target)
        elif not _same(source, target):
            raise Refused(f"{target} is taken by other content than {source}. Choose another folder or name.")
    return target


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` (same suffix) to write to; put in place at the end, removed on any error."""
    temporary = path.with_name(f".{secrets.token_hex(6)}.tmp{path.suffix if len(path.suffix) < 12 else ''}")
    with _explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield temporary
            _flush(temporary)
            temporary.replace(path)
            _flush_folder(path.parent)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = _ADVICE.get(error.errno or 0, f"{error.strerror or error}. Check the folder")
        raise OcellaError(f"{path} was not written, nothing was changed: {why}, then run it again.") from error


def remove_leftovers(folder: Path) -> None:
    """Remove what killed writers left half-written in `folder` itself; only for one who alone may write there."""
    for path in folder.glob(f".{'[0-9a-f]' * 12}.tmp*"):
        path.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Make the new name last through a power cut, on systems that let a folder be opened."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP, errno.EBADF}:  # some network disks cannot
            raise
    finally:
        os.close(handle)


def _linked(source: Path, target: Path) -> bool:
    try:
        target.hardlink_to(source)
    except OSError:  # taken, another disk, or one without hard links
        return False
    return True


def _copied(source: Path, target: Path) -> None:
    import shutil

    with replacing(target) as temporary:
        shutil.copyfile(source, temporary)


def _same(source: Path, target: Path) -> bool:
    import filecmp

    return target.is_file() and (target.samefile(source) or filecmp.cmp(source, target, shallow=False))


def _utf8(path: Path | str, text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InvalidValue(f"{path} takes text that UTF-8 can hold, got a lone surrogate: {error}.") from error


def _encode(image: Image, kind: str, **options: Any) -> bytes:
    from PIL import Image as Pillow

    buffer = BytesIO()
    Pillow.fromarray(image.pixels).save(buffer, kind, **options)
    return buffer.getvalue()
