"""wordllama's 256-d token vectors: the encoder before, read from its package's two files without importing it."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np


class WordLlama:
    name = "wordllama-l2-supercat-256"

    def __init__(self, folder: Path) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        self.vectors = load_file(folder / "weights" / "l2_supercat_256.safetensors")["embedding.weight"]
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizers" / "l2_supercat_tokenizer_config.json"))

    def encode(self, texts):
        plain = [" ".join(t.casefold().split()) for t in texts]
        found = np.zeros((len(plain), self.vectors.shape[1]), np.float32)
        for row, e in zip(found, self.tokenizer.encode_batch(plain, add_special_tokens=False), strict=True):
            row[:] = self.vectors[np.minimum(e.ids, len(self.vectors) - 1)].mean(axis=0, dtype=np.float32)
        return found / np.linalg.norm(found, axis=1, keepdims=True)


def installed():
    """The encoder in a list, which is empty where the package is not installed."""
    spec = find_spec("wordllama")
    return [WordLlama(Path(spec.origin).parent)] if spec and spec.origin else []
