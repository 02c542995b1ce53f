"""What networks said of pixels, on disk: shared by runs, and never the reason why one cannot start."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ocella.errors import OcellaError, Unreadable
from ocella.store.results import Results

__all__ = ["Looks"]

_WITH_IT = ("", "-wal", "-shm")
"""A file of SQLite and what it keeps beside it while it is open."""


class Looks:
    """JSON values by question and by pixels, both hashes. `add` holds them in memory, where `find` sees them; `flush` writes
    them, and what it returned from survives `kill -9`. A damaged file is moved aside and the looks start anew; `notes` says
    so. Raises OcellaError where the folder cannot be written or the disk is full, Busy where another process writes too long.
    """

    def __init__(self, file: Path) -> None:
        self.file, self.notes = file, list[str]()
        self._recent: dict[str, dict[str, Any]] = defaultdict(dict)
        self._new: dict[str, dict[str, Any]] = defaultdict(dict)
        self._results = self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def find(self, question: str, pixels: Sequence[str]) -> dict[str, Any]:
        """What is known of these pixels."""
        recent = self._recent[question]
        rest = [p for p in pixels if p not in recent]
        if rest:
            try:
                recent |= self._results.find(question, rest)
            except Unreadable as error:
                self._start_anew(error)
        return {p: recent[p] for p in pixels if p in recent}

    def add(self, question: str, items: Iterable[tuple[str, Any]]) -> None:
        """Hold (pixels, JSON value) pairs until the next flush."""
        new = dict(items)
        self._new[question] |= new
        self._recent[question] |= new

    def flush(self) -> None:
        """Write what is new, and let go of all that is held in memory."""
        try:
            self._write()
        except Unreadable as error:
            self._start_anew(error)
            self._write()
        self._new.clear()
        self._recent.clear()

    def close(self) -> None:
        """Close the file; what was not flushed is lost."""
        self._results.close()

    def _write(self) -> None:
        for question, said in self._new.items():
            self._results.add(question, said.items())

    def _open(self) -> Results:
        try:
            return Results(self.file)
        except Unreadable as error:
            self._move_aside(error)
            return Results(self.file)
        except OSError as error:
            raise OcellaError(
                f"{self.file.parent} cannot be made: {error.strerror or error}. Choose another folder."
            ) from error

    def _start_anew(self, error: Unreadable) -> None:
        self._results.close()
        self._move_aside(error)
        self._results = Results(self.file)

    def _move_aside(self, error: Unreadable) -> None:
        """The damaged file under a name that is free."""
        n = 1
        while (aside := self.file.with_name(f"{self.file.stem}-damaged-{n}{self.file.suffix}")).exists():
            n += 1
        try:
            for end in _WITH_IT:
                part = Path(f"{self.file}{end}")
                if part.exists():
                    part.rename(f"{aside}{end}")
        except OSError as refused:
            raise OcellaError(f"{error} It cannot be moved: {refused.strerror or refused}.") from error
        self.notes.append(f"{self.file.name} was damaged and is now {aside.name}; what it held is looked at again.")
