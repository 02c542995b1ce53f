"""Every file below a folder, through links but never in circles."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Entry", "Skipped", "walk"]

_DROPPINGS = frozenset({"thumbs.db", "desktop.ini", "__macosx"})


@dataclass(frozen=True)
class Entry:
    """A file: `path` to open, `name` below `base` with slashes, `real` where links end."""

    path: Path
    name: str
    real: Path
    base: Path

    @property
    def is_link(self) -> bool:
        """Whether the way to it leads through a link."""
        return self.path.is_symlink() or self.path.parent.resolve() != self.real.parent

    def under(self, name: str, base: Path) -> "Entry":
        """The same file, named from further up."""
        return Entry(self.path, f"{name}/{self.name}", self.real, base)


@dataclass(frozen=True)
class Skipped:
    """A name that is no file to look at, and why."""

    name: str
    reason: str

    @classmethod
    def of(cls, path: Path, name: str) -> "Skipped | None":
        """Why this path is skipped, if it is: a broken link, a pipe, a name that no data set can hold."""
        try:
            name.encode("utf-8")
            mode = path.stat().st_mode
        except UnicodeEncodeError:
            return cls(os.fsencode(name).decode("utf-8", "backslashreplace"), "its name is not UTF-8: rename it")
        except OSError as error:
            broken = path.is_symlink() and not path.exists()
            return cls(name, "a link that leads nowhere" if broken else f"cannot be read: {error.strerror or error}")
        return None if stat.S_ISREG(mode) else cls(name, "not a regular file")

    def under(self, name: str, _base: Path) -> "Skipped":
        """The same, named from further up."""
        return Skipped(f"{name}/{self.name}", self.reason)


def walk(base: Path) -> Iterator[Entry | Skipped]:
    """Files below `base` in no order: real folders first, then linked ones not yet seen. Hidden names are left out."""
    seen: set[Path] = set()
    todo = [(base, "")]
    links: list[tuple[Path, str]] = []
    while todo or links:
        folder, prefix = todo.pop() if todo else links.pop(0)
        real = folder.resolve()
        if real in seen:
            yield Skipped(prefix.rstrip("/"), "a link to a folder that is listed already")
            continue
        seen.add(real)
        for child, name in _children(folder, prefix):
            if isinstance(child, Skipped):
                yield child
            elif child.is_dir():
                if not child.is_symlink():
                    todo.append((child, f"{name}/"))
                elif real.is_relative_to(child.resolve()):
                    yield Skipped(name, "a link to a folder around it")
                else:
                    links.append((child, f"{name}/"))
            else:
                yield Entry(child, name, child.resolve() if child.is_symlink() else real / child.name, base)


def _children(folder: Path, prefix: str) -> Iterator[tuple[Path | Skipped, str]]:
    try:
        names = sorted(child.name for child in folder.iterdir())
    except OSError as error:
        yield Skipped(prefix.rstrip("/") or folder.name, f"cannot be read: {error.strerror or error}"), prefix
        return
    if prefix and ".ocella" in names:
        yield Skipped(prefix.rstrip("/"), "a data set of Ocella: to use its images, name this folder itself"), prefix
        return
    for entry in names:
        if entry.startswith(".") or entry.lower() in _DROPPINGS:
            continue
        path, name = folder / entry, prefix + entry
        yield (path if path.is_dir() else Skipped.of(path, name) or path), name
