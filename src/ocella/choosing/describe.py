"""What classes look like, in a language model's words, from a server of the person's own that speaks the OpenAI protocol."""

import json
from collections.abc import Mapping, Sequence

from ocella.errors import InvalidValue, Unreadable
from ocella.models.language.chat_server import ChatServer, response_format
from ocella.models.text.phrase import plain

__all__ = ["describe"]

_LONGEST = 12
"""Words of a description: detectors read short phrases."""
_QUESTION = (
    "For each of these classes write {each} short noun phrases, of at most eight words, that name or describe how it looks, so "
    "that an image model that does not know the word can find it. No sentences, no opinions. Answer with JSON alone: an object "
    "with each class as a key and a list of phrases as its value. Classes: {classes}"
)


def describe(names: Sequence[str], server: ChatServer, *, each: int = 2) -> Mapping[str, tuple[str, ...]]:
    """Up to `each` phrases for each class that the model said something of; one question, no image leaves the computer. Raises
    Unreadable for an answer in another form, and as `ChatServer.talk`.
    """
    if not names or each < 1:
        raise InvalidValue(f"Describing takes classes and at least one phrase each, got {len(names)} and {each}.")
    question = _QUESTION.format(each=each, classes=json.dumps(list(names), ensure_ascii=False))
    with server.client() as client:
        told = server.talk(client, [{"role": "user", "content": question}], response_format(None, as_json=True))
    try:
        said = json.loads(told.text[told.text.index("{") : told.text.rindex("}") + 1])
        return {name: found for name in names if (found := _phrases(said.get(name, ()), each))}
    except (ValueError, TypeError, AttributeError) as error:
        raise Unreadable(
            f"'{server.model}' was asked for a JSON object of lists of phrases, but said {told.text[:80]!r}. Try another "
            "model, or leave descriptions out."
        ) from error


def _phrases(said: Sequence[str], most: int) -> tuple[str, ...]:
    if isinstance(said, str):
        raise TypeError("phrases must be a list")
    short = [" ".join(p.split()).strip(" .") for p in said if plain(p) and len(p.split()) <= _LONGEST]
    return tuple(dict.fromkeys(short))[:most]
