"""Which images of a large folder are looked at: some of every folder and video, not the same scene twice."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
import numpy.typing as npt

from ocella.embeddings.duplicates import difference_hash
from ocella.errors import InvalidValue, NotFound, Unreadable
from ocella.media.find import Found, find_images
from ocella.media.load import load
from ocella.media.video import describe, frames
from ocella.media.write import encode_jpeg, write_bytes
from ocella.progress import Progress, silent
from ocella.types import ImageRef

__all__ = ["Sampled", "sample_images"]

_NEAR = 24
"""Hashes that differ in at most so many of 256 bits are of one scene, see `embeddings/duplicates.py`."""
_SPARE = 2
"""So many times the images asked for are made ready, for some cannot be read and some show one scene."""


@dataclass(frozen=True)
class Sampled:
    """`images`, of which the first so many are a sample too; `sha256` and `group` (folder or video) of each; `out_of` how
    many there are in all; (name, reason) of what was `set_aside`.
    """

    images: tuple[ImageRef, ...]
    sha256: tuple[str, ...]
    group: tuple[str, ...]
    out_of: int
    set_aside: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class _Candidate:
    """Picture `place` of a group: a file, or the frame of a video that is to be written first."""

    group: str
    place: int
    ref: ImageRef | None = None
    video: Path | None = None


def sample_images(
    sources: Sequence[str | Path],
    root: Path,
    most: int,
    *,
    every: float = 0.5,
    seed: int = 0,
    progress: Progress = silent,
) -> Sampled:
    """At most `most` images of folders, files and videos, as `find_images` finds them: each picture as likely as any other,
    each folder and video with its share, spread evenly over its length. But scenes that were taken already come last, and
    the same file is never taken twice. Of videos a frame each `every` seconds counts; those taken are written under `root`.
    Raises NotFound where nothing can be read.
    """
    if most < 1 or every <= 0:
        raise InvalidValue(f"A sample has at least one image, and every is above 0 s, got {most} and {every}.")
    found = find_images(sources)
    aside = list(found.set_aside)
    everything = _candidates(found, every, aside)
    chosen = _spread(everything, seed)[: most * _SPARE]
    taken = _Taken(most)
    for n, (candidate, ref) in enumerate(_ready(chosen, root, every, aside)):
        if taken.full:
            break
        try:
            taken.offer(ref, candidate.group)
        except (Unreadable, NotFound) as error:
            aside.append((ref.name, str(error)))
        progress("sample", n + 1, len(chosen), ref.name)
    if not taken.rows:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in aside[:5])
        raise NotFound(f"None of the images can be read, so there is nothing to choose by. {reasons}")
    refs, hashes, groups = zip(*taken.rows, strict=True)
    return Sampled(refs, hashes, groups, sum(map(len, everything.values())), (*aside, *taken.twice))


class _Taken:
    """Images taken so far; near-duplicates wait until it is known that there is room for them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._own: list[tuple[ImageRef, str, str]] = []
        self._waiting: list[tuple[ImageRef, str, str]] = []
        self._scenes: list[npt.NDArray[np.uint8]] = []
        self._names: dict[str, str] = {}
        self.twice: list[tuple[str, str]] = []

    @property
    def full(self) -> bool:
        """Whether no other image is needed."""
        return len(self._own) >= self._most

    @property
    def rows(self) -> list[tuple[ImageRef, str, str]]:
        """(image, SHA-256, group), those of new scenes first."""
        return [*self._own, *self._waiting][: self._most]

    def offer(self, ref: ImageRef, group: str) -> None:
        """Take an image, unless the same file was taken. Raises Unreadable, NotFound."""
        data = ref.read()
        sha256 = hashlib.sha256(data).hexdigest()
        scene = difference_hash(load(ImageRef(ref.name, data=data)))
        if sha256 in self._names:
            self.twice.append((ref.name, f"the same picture as {self._names[sha256]}, taken once"))
            return
        self._names[sha256] = ref.name
        (self._waiting if self._seen(scene) else self._own).append((ref, sha256, group))
        self._scenes.append(scene)

    def _seen(self, scene: npt.NDArray[np.uint8]) -> bool:
        if not self._scenes:
            return False
        apart = np.unpackbits(np.stack(self._scenes) ^ scene, axis=1).sum(axis=1)
        return bool(apart.min() <= _NEAR)


def _candidates(found: Found, every: float, aside: list[tuple[str, str]]) -> dict[str, list[_Candidate]]:
    """Pictures by folder or video, in their order."""
    groups: dict[str, list[_Candidate]] = defaultdict(list)
    for ref in found.images:
        group = PurePosixPath(ref.name).parent.as_posix()
        groups[group].append(_Candidate(group, len(groups[group]), ref))
    for video, name in zip(found.videos, found.video_names, strict=True):
        try:
            count = max(1, int(describe(video).seconds / every))
        except Unreadable as error:
            aside.append((name, str(error)))
            continue
        groups[name] = [_Candidate(name, n, video=video) for n in range(count)]
    return groups


def _spread(groups: dict[str, list[_Candidate]], seed: int) -> list[_Candidate]:
    """All pictures in an order of which every beginning has of each group what its size asks for, spread over its length."""
    rng = np.random.default_rng(seed)
    ranked = []
    for own in groups.values():
        start, shift = rng.random(), int(rng.integers(len(own)))
        ranked += [
            ((rank + start) / len(own), own[(n + shift) % len(own)]) for rank, n in enumerate(_halving(len(own)))
        ]
    return [candidate for _, candidate in sorted(ranked, key=lambda pair: pair[0])]


def _halving(count: int) -> Iterator[int]:
    """0 to count - 1 so that each lies in the middle of the largest gap between those before it (bits reversed)."""
    bits = max(1, (count - 1).bit_length())
    for n in range(1 << bits):
        place = int(f"{n:0{bits}b}"[::-1], 2)
        if place < count:
            yield place


def _ready(
    chosen: Sequence[_Candidate], root: Path, every: float, aside: list[tuple[str, str]]
) -> Iterator[tuple[_Candidate, ImageRef]]:
    """Candidates with their files, in order; each video is read once."""
    written: dict[tuple[str, int], ImageRef] = {}
    for group in dict.fromkeys(c.group for c in chosen if c.video is not None):
        own = [c for c in chosen if c.group == group and c.video is not None]
        try:
            for candidate, ref in _frames(own, root, every):
                written[group, candidate.place] = ref
        except Unreadable as error:
            aside.append((group, str(error)))
    for candidate in chosen:
        made = candidate.ref or written.get((candidate.group, candidate.place))
        if made is not None:
            yield candidate, made


def _frames(own: Sequence[_Candidate], root: Path, every: float) -> Iterator[tuple[_Candidate, ImageRef]]:
    """The frames of one video that were chosen, as files."""
    wanted = {c.place: c for c in own}
    video = own[0].video
    assert video is not None
    for n, frame in enumerate(frames(video, every=every, limit=max(wanted) + 1)):
        if n in wanted:
            name = f"{own[0].group.removesuffix(video.suffix)}/{frame.index:06d}.jpg"
            yield wanted[n], ImageRef(name, write_bytes(root / name, encode_jpeg(frame.image, 95)))
