"""From folders, files, lists and patterns to images and videos, each real file once, the rest set aside by name."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ocella.errors import NotFound
from ocella.media.container import is_image
from ocella.media.walk import Entry, Skipped, walk
from ocella.types import ImageRef

__all__ = ["IMAGE_SUFFIXES", "VIDEO_SUFFIXES", "Found", "find_images", "natural_key"]

IMAGE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".webp", ".bmp", ".dib", ".gif", ".tif", ".tiff"}
    | {".ppm", ".pgm", ".pbm", ".pnm", ".tga", ".ico", ".jp2", ".j2k", ".avif", ".heic", ".heif"}
)
VIDEO_SUFFIXES = frozenset(
    {".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".flv", ".ogv", ".3gp"}
)


@dataclass(frozen=True)
class Found:
    """Images and videos in a stable order, and (name, reason) of every other file that was met. `video_names` are below
    their folders, like those of images.
    """

    images: tuple[ImageRef, ...]
    set_aside: tuple[tuple[str, str], ...] = ()
    videos: tuple[Path, ...] = ()
    video_names: tuple[str, ...] = ()


def find_images(sources: Sequence[str | Path]) -> Found:
    """Look through folders (all levels), files, `.txt` lists of paths and patterns such as `photos/**/*.jpg`. Images are
    named by their path below the folder; hidden files and data sets of Ocella inside a folder are left out. Raises
    NotFound where a source is missing or no image and no video is there.
    """
    if isinstance(sources, (str, Path)):
        sources = [sources]
    entries: list[Entry] = []
    aside: list[tuple[str, str]] = []
    for source in sources:
        for met in _met(source):
            if isinstance(met, Skipped):
                aside.append((met.name, met.reason))
            else:
                entries.append(met)
    images: list[Entry] = []
    videos: list[Entry] = []
    for entry in _once(entries, aside):
        kind = _kind(entry.path)
        if kind == "image":
            images.append(entry)
        elif kind == "video":
            videos.append(entry)
        else:
            aside.append((entry.name, kind))
    if not images and not videos:
        raise _nothing(sources, aside)
    return Found(_named(images), tuple(aside), tuple(v.path for v in videos), tuple(v.name for v in _named(videos)))


def natural_key(name: str) -> tuple[tuple[tuple[int, int, str], ...], str]:
    """Sort key that puts img2 before img10, folder by folder, with one order for all systems."""
    parts = (part for piece in name.split("/") for part in (*re.split(r"(\d+)", piece.casefold()), "/"))
    return tuple(_rank(part) for part in parts if part), name


def _rank(part: str) -> tuple[int, int, str]:
    if part == "/":
        return (0, 0, "")
    return (1, int(part), part) if part.isdecimal() else (2, 0, part)


def _met(source: str | Path) -> list[Entry | Skipped]:
    path = Path(source)
    if path.is_dir():
        return sorted(walk(path), key=lambda met: natural_key(met.name))
    if path.is_file():
        return list(_listed(path)) if path.suffix.lower() == ".txt" else [_alone(path)]
    if re.search(r"[*?\[]", str(source)):
        return _matched(str(source))
    raise NotFound(f"{source} is not there. Give a folder, an image, a video, a .txt list of paths or a pattern.")


def _alone(path: Path) -> Entry | Skipped:
    return Skipped.of(path, path.name) or Entry(path, path.name, path.resolve(), path.parent)


def _listed(file: Path) -> Iterator[Entry | Skipped]:
    """One path a line, from the list's own folder; missing ones are set aside, since lists outlive files."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        yield Skipped(file.name, "a .txt list of paths must be UTF-8 text: save it as such")
        return
    for line in filter(None, map(str.strip, lines)):
        path = file.parent / line
        if path.is_dir():
            yield from sorted(walk(path), key=lambda met: natural_key(met.name))
        elif path.is_file():
            met = _alone(path)
            inside = not Path(line).is_absolute() and ".." not in Path(line).parts
            name = PurePosixPath(*Path(line).parts).as_posix() if inside else met.name
            yield met if isinstance(met, Skipped) else Entry(path, name, met.real, file.parent if inside else met.base)
        else:
            yield Skipped(line, f"listed in {file.name}, but not there")


def _matched(pattern: str) -> list[Entry | Skipped]:
    """Files that a pattern matches, and folders that it names outright; named from its first part without a wildcard."""
    parts = Path(pattern).parts
    fixed = next(i for i, part in enumerate(parts) if re.search(r"[*?\[]", part))
    base = Path(*parts[:fixed])
    met: list[Entry | Skipped] = []
    hits = [(hit.relative_to(base), hit) for hit in base.glob("/".join(parts[fixed:]))] if base.is_dir() else []
    for below, hit in sorted(hits, key=lambda pair: natural_key(pair[0].as_posix())):
        name = below.as_posix()
        if any(part.startswith(".") for part in below.parts):
            continue
        if hit.is_file():
            met.append(Skipped.of(hit, name) or Entry(hit, name, hit.resolve(), base))
        elif hit.is_dir() and "**" not in parts:
            met.extend(m.under(name, base) for m in sorted(walk(hit), key=lambda m: natural_key(m.name)))
    if not met:
        raise NotFound(f"{pattern} matches no file. Check it, and put it in quotes where your shell expands it.")
    return met


def _once(entries: Sequence[Entry], aside: list[tuple[str, str]]) -> Iterator[Entry]:
    """Each real file once: under its own name where that was met, not that of a link to it."""
    kept: dict[Path, Entry] = {}
    for entry in sorted(entries, key=lambda e: e.is_link):
        kept.setdefault(entry.real, entry)
    for entry in entries:
        first = kept[entry.real]
        if first is entry:
            yield entry
        else:
            aside.append((entry.name, f"the same file as {first.name}, taken once"))


def _kind(path: Path) -> str:
    """'image', 'video', or the reason why it is neither."""
    suffix = path.suffix.lower()
    if suffix in IMAGE_SUFFIXES:
        return "image"
    if suffix in VIDEO_SUFFIXES:
        return "video"
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    return "image" if is_image(head) else "not an image"


def _named(entries: Sequence[Entry]) -> tuple[ImageRef, ...]:
    """Names are unique: where two sources share one, parts of the source folder come in front, as many as it takes."""
    names = [e.name for e in entries]
    for depth in range(1, 64):
        twice = {n for n in names if names.count(n) > 1} if len(set(names)) < len(names) else set()
        if not twice:
            break
        names = [_fronted(e, depth) if n in twice else n for e, n in zip(entries, names, strict=True)]
    return tuple(ImageRef(n, e.path) for n, e in zip(names, entries, strict=True))


def _fronted(entry: Entry, depth: int) -> str:
    above = [part for part in entry.base.resolve().parts if part != entry.base.resolve().anchor]
    return "/".join([*above[-depth:], entry.name])


def _nothing(sources: Sequence[str | Path], aside: Sequence[tuple[str, str]]) -> NotFound:
    where = ", ".join(map(str, sources)) or "an empty list of sources"
    met = f" {len(aside)} other files were met, such as {aside[0][0]} ({aside[0][1]})." if aside else ""
    return NotFound(f"There is no image and no video in {where}.{met} Give a folder with JPEG, PNG or other pictures.")
