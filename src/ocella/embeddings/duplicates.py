"""Images that are the same or nearly so, by what they look like."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from ocella.datasets import Dataset
from ocella.errors import OcellaError
from ocella.progress import Progress, silent
from ocella.types import Image

__all__ = ["difference_hash", "duplicate_groups", "near_pairs"]

_SIDE = 16


def difference_hash(image: Image) -> npt.NDArray[np.uint8]:
    """256 bits (32 bytes): whether each pixel of a 16 x 17 grey copy is darker than its right neighbour (dHash, N.
    Krawetz).
    """
    import cv2

    grey = cv2.cvtColor(image.pixels, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (_SIDE + 1, _SIDE), interpolation=cv2.INTER_AREA).astype(np.int16)
    return np.packbits(small[:, 1:] > small[:, :-1])


def near_pairs(hashes: npt.NDArray[np.uint8], *, most: int = 24) -> list[tuple[int, int]]:
    """Pairs i < j whose hashes (n, 32) differ in at most `most` of 256 bits; unrelated photographs differ in about 100."""
    bits = np.array([i.bit_count() for i in range(256)], np.uint8)
    pairs = []
    for i in range(len(hashes) - 1):
        apart = bits[hashes[i + 1 :] ^ hashes[i]].sum(axis=1, dtype=np.int64)
        pairs += [(i, i + 1 + int(j)) for j in np.flatnonzero(apart <= most)]
    return pairs


def duplicate_groups(dataset: Dataset, *, most: int = 24, progress: Progress = silent) -> Mapping[str, str]:
    """A group name for each file. Files with a group keep it; equal and near-equal images join their groups."""
    files = [s.file for s in dataset]
    parent = {s.group or s.file: s.group or s.file for s in dataset}
    own = {s.file: s.group or s.file for s in dataset}
    lone = [s for s in dataset if not s.group]
    hashes, kept = [], []
    for n, sample in enumerate(lone):
        try:
            hashes.append(difference_hash(dataset.image(sample)))
            kept.append(sample.file)
        except OcellaError:
            continue  # training names the files that it cannot read
        progress("compare", n + 1, len(lone), sample.file)
    for i, j in near_pairs(np.stack(hashes), most=most) if hashes else []:
        parent[_root(parent, own[kept[j]])] = _root(parent, own[kept[i]])
    return {f: _root(parent, own[f]) for f in files}


def _root(parent: dict[str, str], name: str) -> str:
    while parent[name] != name:
        parent[name] = name = parent[parent[name]]
    return name
