"""JSON in the words of a language model: found whole, or not at all."""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ocella.types import Answer

__all__ = ["Found", "answer", "find_json"]

_FENCE = re.compile(r"```[ \t]*[\w+-]*[ \t]*\r?\n?(.*?)(?:```|\Z)", re.DOTALL)
_START = re.compile(r"[\[{]")


@dataclass(frozen=True)
class Found:
    """`value` where `whole`; `rest` is the text after it, or all of the text where something that begins like JSON is
    cut off or broken; '' where the text has nothing of the kind.
    """

    value: Any = None
    whole: bool = False
    rest: str = ""


def find_json(text: str) -> Found:
    """The JSON of a text: the text itself, what stands between ``` marks, or the first object or list after some words.
    What is cut off, names a key twice, or holds NaN or an infinite number is no JSON, and nothing inside of it is
    taken for the whole.
    """
    bare = text.strip()
    whole, value = _read(bare)
    if whole:
        return Found(value, True)
    fence = _FENCE.search(text)
    start = _START.search(text)
    if fence and not (start and start.start() < fence.start()):
        return _in_fence(text, fence)
    if not start:
        return Found()
    return _after(text, start.start(), len(text))


def answer(text: str, prompt: str, confidence: float | None = None) -> Answer:
    """What a model said, with the JSON in it where there is some."""
    found = find_json(text)
    kind = "none" if confidence is None else "token-probability"
    return Answer(text, prompt, found.value, found.rest, confidence, kind)


def _in_fence(text: str, fence: "re.Match[str]") -> Found:
    whole, value = _read(fence.group(1).strip())
    if whole:
        return Found(value, True, text[fence.end() :].strip())
    start = _START.search(text, fence.start(1), fence.end(1))
    return Found(rest=text) if start is None else _after(text, start.start(), fence.end())


def _after(text: str, start: int, end: int) -> Found:
    """The value that begins at `start`; what follows it goes into `rest`."""
    try:
        value, stop = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return Found(rest=text)
    if stop > end or not _is_text(value):
        return Found(rest=text)
    return Found(value, True, text[stop:].strip().strip("`").strip())


def _read(text: str) -> tuple[bool, Any]:
    try:
        value = _DECODER.decode(text)
    except (ValueError, RecursionError):
        return False, None
    return _is_text(value), value


def _is_text(value: Any) -> bool:
    """Whether it can be written down again: half a character cannot."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key is named twice")
    return made


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits} is no finite number")
    return number


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_finite, parse_constant=_refuse)
