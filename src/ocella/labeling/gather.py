"""From folders, files and videos to images of a data set: linked, never copied over another."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from ocella.errors import NotFound, Unreadable
from ocella.media.find import Found
from ocella.media.load import read_size
from ocella.media.video import frames
from ocella.media.write import encode_jpeg, link_or_copy, write_bytes
from ocella.progress import Progress
from ocella.types import ImageRef

__all__ = ["Gathered", "Item", "gather"]


@dataclass(frozen=True)
class Item:
    """An image in the data set's folder, before it has labels."""

    file: str
    sha256: str
    size_hw: tuple[int, int]
    group: str = ""
    source: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Gathered:
    """Items in order, and (name, reason) of what was set aside."""

    items: tuple[Item, ...]
    set_aside: tuple[tuple[str, str], ...]


def gather(found: Found, root: Path, *, every: float, limit: int | None, progress: Progress) -> Gathered:
    """Put every readable image under `root/images`; a second run finds them there. An image whose name is taken by
    other content gets its hash into the name. Frames of a video form one group.
    """
    aside = list(found.set_aside)
    items: list[Item] = []
    for n, ref in enumerate(found.images):
        if limit is not None and len(items) >= limit:
            break
        try:
            data = ref.read()
            size_hw = read_size(ImageRef(ref.name, data=data))
        except (Unreadable, NotFound) as error:
            aside.append((ref.name, str(error)))
            continue
        sha = hashlib.sha256(data).hexdigest()
        file = _place(root, f"images/{ref.name}", sha, partial(_bring, ref))
        items.append(Item(file, sha, size_hw, source={"path": str(ref.path)}))
        progress("gather", n + 1, len(found.images), ref.name)
    for video, name in zip(found.videos, found.video_names, strict=True):
        try:
            items.extend(_frames(video, name, root, every, None if limit is None else limit - len(items)))
        except Unreadable as error:
            aside.append((name, str(error)))
    return Gathered(tuple(items), tuple(aside))


def _frames(video: Path, video_name: str, root: Path, every: float, limit: int | None) -> Iterator[Item]:
    for frame in frames(video, every=every, limit=limit):
        data = encode_jpeg(frame.image, 95)
        sha = hashlib.sha256(data).hexdigest()
        name = f"images/{video_name.removesuffix(video.suffix)}/{frame.index:06d}.jpg"
        file = _place(root, name, sha, partial(_put, data))
        source = {"path": str(video), "frame": frame.index, "seconds": frame.seconds}
        yield Item(file, sha, frame.image.size_hw, group=video_name, source=source)


def _bring(ref: ImageRef, target: Path) -> None:
    if ref.path is None:
        write_bytes(target, ref.read())
    else:
        link_or_copy(ref.path, target)


def _put(data: bytes, target: Path) -> None:
    write_bytes(target, data)


def _place(root: Path, file: str, sha: str, put: Callable[[Path], object]) -> str:
    target = root / file
    if target.exists() and hashlib.sha256(target.read_bytes()).hexdigest() != sha:
        target = target.with_name(f"{target.stem}-{sha[:8]}{target.suffix}")
    if not target.exists():
        put(target)
    return target.relative_to(root).as_posix()
