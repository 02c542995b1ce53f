"""Short English texts to unit vectors, from files that the starter package carries; never the network."""

import functools
import hashlib
import threading
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.models.starter import starter_file
from ocella.models.text.wordpiece import WordPiece

__all__ = ["EncodesText", "TextEncoder"]

_NAME = "minilm-static-256"
_VOCABULARY = "minilm-vocab.txt"
_lock = threading.Lock()


class EncodesText(Protocol):
    """Anything that turns texts into unit vectors of one space."""

    @property
    def name(self) -> str:
        """The model, as Embedding.model names it."""

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Unit vectors (n, d)."""


class TextEncoder:
    """The mean of 256-d vectors of word pieces, distilled from all-MiniLM-L6-v2; the order of words does not count.
    Its files load at the first `encode`, once per process.
    """

    @property
    def name(self) -> str:
        """The model, as Embedding.model names it."""
        return _NAME

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Unit vectors (n, 256) of texts, upper or lower case alike; a text of no known piece is like nothing but
        itself. Raises InvalidValue for an empty text.
        """
        if isinstance(texts, str):
            raise InvalidValue(f"texts must be a list, got the text {texts!r}. Put it in a list.")
        plain = [" ".join(t.split()) for t in texts]
        if "" in plain:
            raise InvalidValue(f"Every text must have letters, but number {plain.index('')} is empty.")
        model = _load()
        vectors = np.zeros((len(plain), model.table.shape[1]), np.float32)
        for row, text in zip(vectors, plain, strict=True):
            row[:] = model.vector(text)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


class _Model(NamedTuple):
    """Rows of int8 with one scale each, and the tokenizer whose ids are the rows."""

    table: npt.NDArray[np.int8]
    scales: npt.NDArray[np.float32]
    tokenizer: WordPiece

    def vector(self, text: str) -> npt.NDArray[np.float32]:
        """The sum over the known pieces, not yet of unit length."""
        ids = np.array([i for i in self.tokenizer.ids(text) if i != self.tokenizer.unknown], np.intp)
        total: npt.NDArray[np.float32] = (self.table[ids] * self.scales[ids, None]).sum(axis=0, dtype=np.float32)
        return total if total.any() else _arbitrary(text, self.table.shape[1])


def _load() -> _Model:
    with _lock:
        return _load_once()


@functools.cache
def _load_once() -> _Model:
    table, scales = (np.load(starter_file(f"{_NAME}{end}.npy")) for end in ("", "-scales"))
    pieces = starter_file(_VOCABULARY).read_text(encoding="utf-8").removesuffix("\n").split("\n")
    return _Model(table, scales, WordPiece(pieces))


def _arbitrary(text: str, width: int) -> npt.NDArray[np.float32]:
    """The same direction for the same text, nearly at right angles to those of others."""
    digest = hashlib.shake_256(text.encode("utf-8", "surrogatepass")).digest(width)
    return np.frombuffer(digest, np.int8).astype(np.float32) + np.float32(0.5)
