"""What a network made of the last few images, so that asking again about one of them costs little."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any

import numpy as np

from ocella.types import Image

__all__ = ["EmbeddingCache"]


class EmbeddingCache:
    """Embeddings of at most `most` images, known by their pixels; the one not asked for the longest goes first."""

    def __init__(self, most: int = 4) -> None:
        self.most = most
        self._kept: OrderedDict[bytes, Any] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def of(self, image: Image, encode: Callable[[Image], Any]) -> Any:
        """The image's embedding, made by `encode` where it is not kept."""
        key = _key(image)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = encode(image)
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self.most:
                self._kept.popitem(last=False)
        return made


def _key(image: Image) -> bytes:
    digest = hashlib.blake2b(str(image.size_hw).encode(), digest_size=16)
    digest.update(np.ascontiguousarray(image.pixels).data)
    return digest.digest()
