"""One writer at a time, over processes; the operating system frees the lock of a killed one."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ocella.errors import Busy, OcellaError

__all__ = ["exclusive"]


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold `folder` for writing; raises Busy at once where another holds it, OcellaError where it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(folder / "lock.sqlite", timeout=0, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise _unusable(folder, error) from error
    with closing(connection):
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            if error.sqlite_errorcode & 0xFF not in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                raise _unusable(folder, error) from error
            raise Busy(
                f"{folder.parent} is being written by another ocella process. Wait for it, or stop it, then try again."
            ) from error
        yield


def _unusable(folder: Path, error: Exception) -> OcellaError:
    return OcellaError(f"{folder} cannot be locked for writing: {error}. Check that the folder is yours and has space.")
