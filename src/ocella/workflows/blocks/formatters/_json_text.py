"""JSON inside the text of a language model."""

import json
import re
from collections.abc import Iterator
from typing import Any

from ocella.types import Answer

__all__ = ["json_of"]

_JSON_FENCE = re.compile(r"```json(.*?)```", re.IGNORECASE | re.DOTALL)
_FENCE = re.compile(r"```[\w+-]*[ \t]*\r?\n?(.*?)```", re.DOTALL)
_FENCE_LINE = re.compile(r"^[ \t]*```[\w+-]*[ \t]*$", re.MULTILINE)
_BETWEEN = re.compile(r"[\s,]*")


def json_of(answer: str | Answer) -> Any:
    """The list or mapping in a text: fenced, alone, a row of objects, or the outermost brackets in prose. None where there
    is none.
    """
    if isinstance(answer, Answer):
        if isinstance(answer.parsed, list | dict):
            return answer.parsed
        answer = answer.text
    for part in _parts(answer):
        found = _parsed(part)
        if found is not None:
            return found
    return None


def _parts(text: str) -> Iterator[str]:
    """Where JSON may be, the surest place first."""
    for fence in (_JSON_FENCE, _FENCE):
        match = fence.search(text)
        if match is not None:
            yield match[1]
    yield text
    bare = _FENCE_LINE.sub("", text)
    yield bare
    yield _row_of_objects(bare)
    for opening, closing in ("[]", "{}"):
        yield bare[bare.find(opening) : bare.rfind(closing) + 1]


def _parsed(text: str) -> Any:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list | dict) else None


def _row_of_objects(text: str) -> str:
    """`{...} {...}` or `{...}, {...}`, with nothing else around, as a list; '' for anything else."""
    decoder, at = json.JSONDecoder(), 0
    found: list[Any] = []
    while True:
        at = _end_of_gap(text, at)
        if at == len(text):
            return json.dumps(found) if found else ""
        try:
            item, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return ""
        if not isinstance(item, dict):
            return ""
        found.append(item)


def _end_of_gap(text: str, at: int) -> int:
    match = _BETWEEN.match(text, at)
    return at if match is None else match.end()
