"""Prompts as Grounding DINO reads them: one caption of phrases with dots between, and which tokens are whose."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ocella.errors import InvalidValue

__all__ = ["Caption", "captions", "phrase"]


@dataclass(frozen=True)
class Caption:
    """Token ids of one pass, and for each prompt in it (prompt, start, end): its tokens are start to end - 1."""

    input_ids: tuple[int, ...]
    spans: tuple[tuple[int, int, int], ...]


def phrase(prompt: str) -> str:
    """A prompt in lower case without the marks that would end a phrase; raises InvalidValue where nothing is left."""
    text = " ".join(prompt.lower().replace(".", " ").replace("?", " ").split())
    if not any(c.isalnum() for c in text):
        raise InvalidValue(f"The prompt {prompt!r} must have letters: name what to find, like 'dog'.")
    return text


def captions(phrases: Sequence[str], tokenizer: Any, limit: int) -> list[Caption]:
    """As few captions of at most `limit` tokens as hold all phrases in their order. The ids are put together from
    each phrase's own, so a token's phrase is known by its place and never guessed from text.
    """
    first, last, dot = tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.convert_tokens_to_ids(".")
    made: list[Caption] = []
    ids: list[int] = [first]
    spans: list[tuple[int, int, int]] = []
    for number, text in enumerate(phrases):
        tokens = _tokens(text, tokenizer, limit - 3)
        if len(ids) + len(tokens) + 2 > limit:
            made.append(Caption((*ids, last), tuple(spans)))
            ids, spans = [first], []
        spans.append((number, len(ids), len(ids) + len(tokens)))
        ids += [*tokens, dot]
    return [*made, Caption((*ids, last), tuple(spans))]


def _tokens(text: str, tokenizer: Any, most: int) -> list[int]:
    tokens = list(tokenizer(text, add_special_tokens=False)["input_ids"])
    if not tokens or all(t == tokenizer.unk_token_id for t in tokens):
        raise InvalidValue(
            f"The prompt '{text}' has no word that the model's text encoder can read. Write it in English."
        )
    if len(tokens) > most:
        raise InvalidValue(f"The prompt '{text[:60]}...' has {len(tokens)} tokens, but at most {most} fit. Shorten it.")
    return tokens
