"""What several small checkpoints are made of: tokenizers built in memory, random weights that say something, pictures."""

import string
from collections.abc import Sequence
from typing import Any

import numpy as np

from ocella.types import Image

__all__ = ["bert_tokenizer", "clip_tokenizer", "picture", "shake"]

WORDS = ("cat", "dog", "a", "photo", "of", "the", "person", "red", "hard", "hat", "-")


def bert_tokenizer() -> Any:
    """BERT's, with its special tokens at BERT's own places, because networks know them by number."""
    import transformers

    vocabulary = {f"[unused{i}]": i for i in range(1100)}
    places = {"[PAD]": 0, "[UNK]": 100, "[CLS]": 101, "[SEP]": 102, "[MASK]": 103, ".": 1012, "?": 1029}
    letters = [c for letter in string.ascii_lowercase + string.digits for c in (letter, f"##{letter}")]
    places |= {word: 200 + i for i, word in enumerate(dict.fromkeys([*WORDS, *letters]))}
    taken = set(places.values())
    vocabulary = {t: i for t, i in vocabulary.items() if i not in taken} | places
    return transformers.BertTokenizer(vocab=dict(sorted(vocabulary.items(), key=lambda x: x[1])))


def clip_tokenizer(*, pad: str = "!", length: int = 16, words: Sequence[str] = ()) -> Any:
    """CLIP's, byte by byte, with "cat" as one token; `words` become tokens of their own."""
    import transformers
    from tokenizers import pre_tokenizers

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = [*alphabet, *(a + "</w>" for a in alphabet), "ca", "cat</w>", *words, "<|startoftext|>", "<|endoftext|>"]
    return transformers.CLIPTokenizer(
        vocab={t: i for i, t in enumerate(tokens)},
        merges=[("c", "a"), ("ca", "t</w>")],
        pad_token=pad,
        model_max_length=length,
    )


def shake(network: Any, *, seed: int = 3, by: float = 0.08) -> Any:
    """Random weights that give boxes and scores of many sizes."""
    import torch

    torch.manual_seed(seed)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter) * by)
    return network.eval()


def picture(height: int, width: int, seed: int = 0) -> Image:
    """Coloured blocks of six pixels."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 255, (height // 6 + 1, width // 6 + 1, 3), dtype=np.uint8)
    return Image(np.ascontiguousarray(small.repeat(6, 0).repeat(6, 1)[:height, :width]))
