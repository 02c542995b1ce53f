"""The words that lead to a detector's classes, and those that lead elsewhere."""

from collections.abc import Sequence
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.models.text.encoder import EncodesText
from ocella.models.text.phrase import forms, plain
from ocella.models.text.vocabulary import ALIASES, OTHERS, WIDER

__all__ = ["Found", "Lexicon", "Nearest", "covered_classes", "kindred_classes"]

_WIDER = {plain(word): classes for word, classes in WIDER.items()}
_KINDRED = {plain(word): classes for word, classes in OTHERS.items()}


class Found(NamedTuple):
    """A known class, and whether its name or an alias led to it."""

    name: str
    kind: Literal["exact", "alias"]


class Nearest(NamedTuple):
    """Known classes by cosine to a phrase, best first, and whether the first may stand for it."""

    classes: tuple[tuple[str, float], ...]
    plausible: bool


class Lexicon:
    """Names of `known` classes, aliases of those that are COCO's, and words for other things as their rivals."""

    def __init__(self, known: Sequence[str], encoder: EncodesText) -> None:
        if not known:
            raise InvalidValue("A detector with a fixed class list must know at least one class, got none.")
        self.known = tuple(known)
        self._encoder = encoder
        self._names = {form: name for name in reversed(self.known) for form in reversed(forms(plain(name)))}
        self._names |= {plain(name): name for name in reversed(self.known)}
        self._names.pop("", None)
        self._aliases = {
            plain(alias): self._names[plain(base)]
            for base, aliases in ALIASES.items()
            if plain(base) in self._names
            for alias in aliases
            if plain(alias) not in self._names and not self._named_by_own_class(plain(alias))
        }

    def look_up(self, phrase: str) -> Found | None:
        """The class of that name or alias, singular or plural."""
        for form in forms(phrase):
            if form in self._names:
                return Found(self._names[form], "exact")
            if form in self._aliases:
                return Found(self._aliases[form], "alias")
            if form in self._rivals:
                return None
        return None

    def nearest(self, phrase: str) -> Nearest:
        """Classes near in meaning. The first is plausible unless something the detector does not know is nearer, or
        no text of the class ends in the same noun: likeness without it is mostly likeness of spelling
        (`baboon` and spoon) or of what only describes (`bus stop`).
        """
        cosines = self._vectors @ self._encoder.encode([phrase])[0]
        own, rival = cosines[: len(self._texts)], cosines[len(self._texts) :]
        best: dict[str, float] = {}
        for i in np.argsort(-own, kind="stable"):
            best.setdefault(self._texts[i][1], float(np.clip(own[i], -1, 1)))
        name, similarity = next(iter(best.items()))
        elsewhere = any(form in self._rivals for form in forms(phrase)) or bool((rival > similarity).any())
        same_noun = any(_same_noun(phrase, text) for text, known in self._texts if known == name)
        return Nearest(tuple(best.items()), same_noun and not elsewhere)

    def _named_by_own_class(self, phrase: str) -> bool:
        """A student that knows `worker` must not have `construction worker` taken for COCO's person."""
        last = self._names.get(phrase.rpartition(" ")[2])
        return last is not None and plain(last) not in ALIASES

    @cached_property
    def _texts(self) -> list[tuple[str, str]]:
        return [(plain(name) or name, name) for name in self.known] + list(self._aliases.items())

    @cached_property
    def _rivals(self) -> dict[str, None]:
        words = [*OTHERS, *WIDER, *ALIASES, *(a for aliases in ALIASES.values() for a in aliases)]
        return dict.fromkeys(w for w in map(plain, words) if w not in self._names and w not in self._aliases)

    @cached_property
    def _vectors(self) -> npt.NDArray[np.float32]:
        return self._encoder.encode([text for text, _ in self._texts] + list(self._rivals))


def covered_classes(phrase: str) -> tuple[str, ...]:
    """The COCO classes that a wider word (`vehicle`) stands for; empty for other words."""
    return next((_WIDER[form] for form in forms(plain(phrase)) if form in _WIDER), ())


def kindred_classes(phrase: str) -> tuple[str, ...]:
    """COCO classes of the same kind as a thing that is none of them (`forklift`: vehicles); empty where unknown."""
    return next((_KINDRED[form] for form in forms(plain(phrase)) if form in _KINDRED), ())


def _same_noun(phrase: str, text: str) -> bool:
    head, other = (t.rpartition(" ")[2] for t in (phrase, text))
    return bool(set(forms(head)) & set(forms(other)))
