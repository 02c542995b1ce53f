"""Whether the disk takes what is fetched."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ocella.errors import NoRoom

__all__ = ["check_room", "free_bytes", "room"]

_FULL = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}
_CLOSED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST}
_ELSEWHERE = "set OCELLA_CACHE or HF_HOME to a folder"


def free_bytes(folder: Path) -> int:
    """Bytes that are free where `folder` is or would be made."""
    there = next(f for f in (folder, *folder.absolute().parents) if f.exists())
    return shutil.disk_usage(there).free


def check_room(folder: Path, needed: int, what: str) -> None:
    """Raises NoRoom where fewer than `needed` bytes are free."""
    free = free_bytes(folder)
    if needed > free:
        raise NoRoom(
            f"{what} needs {needed / 1e6:,.0f} MB more, but only {free / 1e6:,.0f} MB are free where {folder} is. Free some, or "
            f"{_ELSEWHERE} on a larger disk. Then run the same command again."
        )


@contextmanager
def room(folder: Path, what: str) -> Iterator[None]:
    """What the system raises over a full disk or a folder that may not be written, as NoRoom."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise NoRoom(
                f"The disk was full while {what} was fetched into {folder}: {error.strerror}. What came is kept. Free some, "
                f"or {_ELSEWHERE} on a larger disk. Then run the same command again."
            ) from error
        if error.errno in _CLOSED:
            raise NoRoom(
                f"{what} cannot be kept in {folder}: {error.strerror}. Make the folder writable, or {_ELSEWHERE} that is. "
                "Then run the same command again."
            ) from error
        raise
