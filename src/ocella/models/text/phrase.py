"""A prompt as people type it, taken apart: what is asked for, and what is said about it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ocella.models.text.vocabulary import ATTRIBUTES, MATERIALS

__all__ = ["Phrase", "forms", "plain", "strippings"]

_DETERMINERS = re.compile(r"^(?:(?:a|an|the|some|any|all|every|each|my|your|this|that|these|those)\s+)+")
_PICTURE = re.compile(r"^(?:(?:photo|photograph|picture|image|kind|type|sort|pair)s? of )")
_GROUP = re.compile(r"^((?:group|crowd|herd|flock|bunch|pack|team|row|line|pile|slice|piece|lot)s? of )")
_TAIL = re.compile(
    r"^(.+?)\s((?:with|without|wearing|holding|carrying|riding|pushing|using|in|on|at|near|by|behind|under|beside|"
    r"inside|outside|next|that|which|who|whose|from|of|for|having|standing|sitting|walking|running|sleeping|lying|"
    r"driving|playing|eating|talking|flying|swimming)\b.*)$"
)
_OR = re.compile(r"\s*(?:,|/|\||;|\bor\b|\band\b|&)\s*")
_IRREGULAR = {
    "people": "person",
    "men": "man",
    "women": "woman",
    "children": "child",
    "mice": "mouse",
    "geese": "goose",
}


@dataclass(frozen=True)
class Phrase:
    """What a prompt asks for (`parts`: alternatives, each must be the same thing) and the `tail` said about it."""

    whole: str
    parts: tuple[str, ...]
    tail: str

    @classmethod
    def read(cls, prompt: str) -> "Phrase":
        """From a prompt like `a photo of a dog or puppy on a leash`."""
        whole = _bare(prompt.casefold())
        group = _GROUP.match(whole)
        body = _bare(whole[group.end() :]) if group else whole
        cut = _TAIL.match(body)
        head, tail = cut.groups() if cut else (body, "")
        said = [s for s in (group.group(1).strip() if group else "", tail.strip()) if s]
        parts = tuple(plain(_bare(p)) for p in _OR.split(head) if plain(_bare(p)))
        return cls(plain(whole), parts or (plain(whole),), " ... ".join(said))


def plain(text: str) -> str:
    """Lower case, one space between words, no punctuation."""
    return " ".join(re.sub(r"[^\w' ]|_", " ", text.casefold()).split())


def forms(text: str) -> tuple[str, ...]:
    """The text itself, then what it may be the plural of."""
    rest, _, word = text.rpartition(" ")
    found = [word, _IRREGULAR.get(word, word)]
    for end, singular in (("s", ""), ("es", ""), ("ies", "y"), ("ves", "f"), ("ves", "fe")):
        stem = word.removesuffix(end)
        if stem != word and len(stem) > 1 and not word.endswith(("ss", "us", "is")):
            found.append(stem + singular)
    return tuple(dict.fromkeys(f"{rest} {w}".strip() for w in found))


def strippings(part: str) -> Iterator[tuple[str, str]]:
    """The part, then with one attribute after another taken off its front: (rest, what was taken)."""
    words = part.split()
    yield part, ""
    for i, word in enumerate(words[:-1], start=1):
        if word not in ATTRIBUTES and word not in MATERIALS:
            return
        yield " ".join(words[i:]), " ".join(words[:i])


def _bare(text: str) -> str:
    before = ""
    while text != before:
        before = text
        text = _PICTURE.sub("", _DETERMINERS.sub("", text.strip()))
    return text
