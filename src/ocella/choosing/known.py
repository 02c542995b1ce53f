"""The fixed classes of a model, and what words mean among them."""

from collections.abc import Iterable
from functools import cache, cached_property

from ocella.models.text.encoder import TextEncoder
from ocella.models.text.lexicon import Lexicon
from ocella.models.text.match import match_prompts
from ocella.models.text.phrase import plain
from ocella.types import ClassDef, Ontology

__all__ = ["KnownClasses"]


class KnownClasses:
    """A model's own classes by name, in its order."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self._place = {name: i for i, name in enumerate(names)}
        self._meant: dict[str, str | None] = {name: name for name in names}

    @staticmethod
    @cache
    def of(names: tuple[str, ...]) -> "KnownClasses":
        """One for each list, as looking up takes getting ready."""
        return KnownClasses(names)

    def meant_by(self, prompts: Iterable[str]) -> frozenset[str]:
        """The classes that a model would take prompts for."""
        return frozenset(k for k in self._read(prompts) if k is not None)

    def knows_all(self, prompts: Iterable[str]) -> bool:
        """Whether every prompt means a class."""
        return None not in self._read(prompts)

    def named(self, words: Iterable[str]) -> frozenset[str]:
        """The classes that words name, by name or alias alone: a likeness is no evidence for words that nobody wrote."""
        found = (self._lexicon.look_up(plain(w)) for w in words if plain(w))
        return frozenset(f.name for f in found if f is not None)

    def listed(self, names: Iterable[str]) -> tuple[str, ...]:
        """Classes in the model's order."""
        return tuple(sorted(names, key=self._place.__getitem__))

    @cached_property
    def _lexicon(self) -> Lexicon:
        return Lexicon(self.names, TextEncoder())

    def _read(self, prompts: Iterable[str]) -> list[str | None]:
        """What each prompt means; the new ones are matched together, as getting ready takes longest."""
        asked = list(prompts)
        new = tuple(dict.fromkeys(p for p in asked if p not in self._meant))
        if new:
            matches = match_prompts(Ontology((ClassDef("class", new),)), self.names)
            self._meant |= {m.prompt: m.known for m in matches}
        return [self._meant[p] for p in asked]
