"""Text to WordPiece ids as uncased BERT does it: lower case, no accents, split at punctuation, longest piece first."""

import unicodedata
from collections.abc import Iterator, Sequence

__all__ = ["WordPiece"]

_UNKNOWN = "[UNK]"
_INSIDE = "##"
_LONGEST_WORD = 100
_DROPPED = ("Cc", "Cf", "Co", "Cs")
_IDEOGRAPHS = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


class WordPiece:
    """The tokenizer over a vocabulary whose line number is the id; pieces inside a word begin with `##`."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self._ids = {piece: i for i, piece in enumerate(pieces)}
        self.unknown = self._ids[_UNKNOWN]
        """The id of a word that cannot be put together from pieces."""

    def ids(self, text: str) -> list[int]:
        """Ids of the pieces of a text, in its order."""
        return [i for word in _words(text) for i in self._pieces(word)]

    def _pieces(self, word: str) -> list[int]:
        if len(word) > _LONGEST_WORD:
            return [self.unknown]
        found, start = [], 0
        while start < len(word):
            piece, start = self._longest(word, start)
            if piece is None:
                return [self.unknown]
            found.append(piece)
        return found

    def _longest(self, word: str, start: int) -> tuple[int | None, int]:
        """The longest piece that begins here, and where it ends."""
        prefix = _INSIDE if start else ""
        for end in range(len(word), start, -1):
            piece = self._ids.get(prefix + word[start:end])
            if piece is not None:
                return piece, end
        return None, start


def _words(text: str) -> Iterator[str]:
    clean = unicodedata.normalize("NFD", "".join(map(_cleaned, text)))
    bare = "".join(c.lower() for c in clean if unicodedata.category(c) != "Mn")
    yield from "".join(f" {c} " if _is_punctuation(c) else c for c in bare).split()


def _cleaned(c: str) -> str:
    """Nothing for a control, a space for any white space, an ideograph as a word of its own."""
    if c in "\t\n\r":
        return " "
    if c == "\ufffd" or unicodedata.category(c) in _DROPPED:
        return ""
    if c.isspace():
        return " "
    return f" {c} " if any(first <= ord(c) <= last for first, last in _IDEOGRAPHS) else c


def _is_punctuation(c: str) -> bool:
    if c.isascii():
        return c.isprintable() and not c.isalnum() and c != " "
    return unicodedata.category(c).startswith("P")
