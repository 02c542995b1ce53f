"""Other words for a thing: what it is called too, what it is a kind of, its kin, its kinds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from ocella.models.starter import starter_text
from ocella.models.text.encoder import TextEncoder
from ocella.models.text.phrase import forms, plain
from ocella.models.text.vocabulary import ALIASES, OTHERS, WIDER
from ocella.models.text.wordpiece import WordPiece

__all__ = ["AllWords", "OwnWords", "Sense", "Words", "common_kin", "everyday", "likeness", "rarity"]

_PIECE = 20_000
"""What a piece costs of a word that is no single piece of the vocabulary, which has about 30 000."""
_LONGER = 6_000
"""What a further word costs."""
_PLAIN = 31_000
"""Less than this has a word that is one piece of the vocabulary."""
_NEAR = 0.2
"""Least cosine of kin to be worth a try."""


@dataclass(frozen=True)
class Sense:
    """One meaning of a word as a thing that can be seen: `kind` of thing, other `names`, `wider` words (nearest first), its
    `kin` (other kinds of the same), and the `gloss` of a dictionary.
    """

    kind: str
    names: tuple[str, ...] = ()
    wider: tuple[str, ...] = ()
    kin: tuple[str, ...] = ()
    gloss: str = ""


class Words(Protocol):
    """Anything that knows words."""

    def senses(self, phrase: str) -> tuple[Sense, ...]:
        """Meanings, the likeliest in a picture first; none for a word that is not known."""

    def kinds(self, phrase: str, among: Sequence[str]) -> tuple[str, ...]:
        """Which of `among` are kinds of what a phrase means, in their order."""


class OwnWords:
    """What the project itself knows: other names of COCO's classes, words for several of them, and things beside them."""

    def senses(self, phrase: str) -> tuple[Sense, ...]:
        """One meaning, or none."""
        for form in forms(plain(phrase)):
            base = form if form in ALIASES else _BASES.get(form, "")
            kind = _KIND_OF.get(base or form, "")
            if base or kind:
                names = ALIASES[base] if base == form else (base,) if base else ()
                kin = tuple(w for w in _THINGS[kind] if w not in (form, base)) if kind else ()
                return (Sense(kind, names, (kind,) if kind else (), kin),)
        return ()

    def kinds(self, phrase: str, among: Sequence[str]) -> tuple[str, ...]:
        """By the words for several classes (`vehicle`), and the other names of one (`dog`: poodle)."""
        found = next((WIDER.get(f) or ALIASES.get(f) for f in forms(plain(phrase)) if f in WIDER or f in ALIASES), ())
        return tuple(w for w in among if plain(w) in (found or ()))


class AllWords:
    """Several sources as one, those that know most first."""

    def __init__(self, *sources: Words) -> None:
        self._sources = sources

    def senses(self, phrase: str) -> tuple[Sense, ...]:
        """The meanings as the first source has them that knows the word."""
        return next((found for source in self._sources if (found := source.senses(phrase))), ())

    def kinds(self, phrase: str, among: Sequence[str]) -> tuple[str, ...]:
        """What any of them says is a kind of it."""
        found = {kind for source in self._sources for kind in source.kinds(phrase, among)}
        return tuple(word for word in among if word in found)


_BASES = {alias: name for name, aliases in ALIASES.items() for alias in aliases}
_THINGS = {
    kind: (*WIDER[kind], *(thing for thing, classes in OTHERS.items() if classes == WIDER[kind]))
    for kind in ("vehicle", "animal", "food", "sports equipment", "electronics", "furniture")
}
_KIND_OF = {thing: kind for kind, things in _THINGS.items() for thing in things}


@cache
def everyday() -> tuple[str, ...]:
    """Words for things that pictures are often of: COCO's classes, their aliases' rivals, ImageNet's classes."""
    return tuple(dict.fromkeys((*ALIASES, *OTHERS, *starter_text("imagenet1k.txt"))))


def rarity(phrase: str) -> int:
    """How rare a word is, from its number in a vocabulary that is ordered by frequency; more for every further word, and
    for every piece that it must be put together from.
    """
    pieces = _pieces()
    words = phrase.lower().replace("-", " ").split()
    costs = [ids[0] if len(ids := pieces.ids(w)) == 1 else _PIECE * len(ids) for w in words]
    return max(costs, default=_PIECE) + _LONGER * max(0, len(words) - 1)


def likeness(phrase: str, words: Sequence[str]) -> list[float]:
    """Cosine of each of `words` to a phrase, in meaning."""
    if not words:
        return []
    vectors = TextEncoder().encode([phrase, *words])
    return [float(c) for c in vectors[1:] @ vectors[0]]


def common_kin(phrase: str, senses: Iterable[Sense], most: int) -> tuple[str, ...]:
    """The `most` kin that are nearest in meaning, of those that models have read of: everyday things and plain words."""
    kin = dict.fromkeys(k for s in senses if s.kind != "top" for k in s.kin)
    able = [k for k in kin if k in everyday() or (rarity(k) < _PLAIN and " " not in k and k == k.lower())]
    near = sorted(zip(likeness(phrase, able), able, strict=True), key=lambda pair: -pair[0])
    return tuple(word for cosine, word in near[:most] if cosine >= _NEAR)


@cache
def _pieces() -> WordPiece:
    return WordPiece(starter_text("text/minilm-vocab.txt"))
