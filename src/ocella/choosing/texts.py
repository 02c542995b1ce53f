"""When two texts say the same."""

import re

__all__ = ["plain"]

_YES_OR_NO = re.compile(r"(yes|no)\s*[,.;:!]")
_WORDS = re.compile(r"(?<!\w)-?\d+(?:[.,]\d+)*|\w+")
_ARTICLES = {"a", "an", "the"}


def plain(text: str) -> str:
    """Words and numbers alone: no case, marks or articles, so that 'A cat.' is 'cat'; of 'Yes, there is one' the yes."""
    folded = text.casefold().strip()
    answer = _YES_OR_NO.match(folded)
    if answer:
        return answer[1]
    words = _WORDS.findall(folded)
    return " ".join([w for w in words if w not in _ARTICLES] or words)
