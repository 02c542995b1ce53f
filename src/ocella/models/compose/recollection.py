"""What a network said of given pixels, so that it is never asked again."""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np

from ocella.models.card import ModelCard
from ocella.models.compose.kept_form import Form
from ocella.types import Image

__all__ = ["Memory", "PixelHash", "Recollection", "Tally", "pixel_hash", "short_hash"]

_REVISION = 1
"""Raised when a look would be kept in another form."""

PixelHash = Callable[[Image], str]
V = TypeVar("V")


class Memory(Protocol):
    """Where looks are kept: JSON values by question and by pixels, both hashes."""

    def find(self, question: str, pixels: Sequence[str]) -> Mapping[str, Any]:
        """What is kept of these pixels."""

    def add(self, question: str, items: Iterable[tuple[str, Any]]) -> None:
        """Keep (pixels, JSON value) pairs."""


@dataclass
class Tally:
    """How often a network looked (`ran`) and how often memory answered (`reused`); `looking` the seconds that all these
    looks took where they really ran, `spent` the seconds that asking took this time.
    """

    ran: int = 0
    reused: int = 0
    looking: float = 0.0
    spent: float = 0.0


@dataclass(frozen=True)
class _Look:
    """An answer and the seconds that the network took for it."""

    said: Any
    seconds: float


class Recollection:
    """One model's looks in `memory`. They are named by its card, with the weights' hash, by the `options` it was loaded
    with, and by the question. `tally` counts; `hashed` names pixels.
    """

    def __init__(
        self,
        card: ModelCard,
        memory: Memory,
        tally: Tally | None = None,
        *,
        options: str = "",
        hashed: PixelHash | None = None,
    ) -> None:
        own = [card.name, card.sha256, card.checkpoint, card.data.get("hub"), card.data.get("revision"), card.classes]
        self._model = [*own, options, _REVISION]
        self._memory, self.tally, self._hashed = memory, tally or Tally(), hashed or pixel_hash

    def ask(
        self,
        images: Sequence[Image],
        question: Any,
        form: Form[V],
        look: Callable[[list[int]], list[V]],
        *,
        where: Sequence[str] | None = None,
    ) -> list[V]:
        """An answer for each image. `question` is a JSON value, to which `where` adds what differs from image to image;
        `look` takes the numbers of the images that the network has to look at. Equal ones are looked at once.
        """
        began = time.perf_counter()
        key = short_hash(json.dumps([self._model, question], sort_keys=True))
        pixels = [self._hashed(image) for image in images]
        names = pixels if where is None else [p + w for p, w in zip(pixels, where, strict=True)]
        known = _readable(self._memory.find(key, list(dict.fromkeys(names))), form)
        todo = {name: row for row, name in reversed(list(enumerate(names))) if name not in known}
        if todo:
            known |= self._look(key, dict(sorted(todo.items(), key=lambda item: item[1])), form, look)
        self.tally.ran += len(todo)
        self.tally.reused += len(names) - len(todo)
        self.tally.looking += sum(known[name].seconds for name in names)
        self.tally.spent += time.perf_counter() - began
        return [known[name].said for name in names]

    def _look(
        self, key: str, todo: Mapping[str, int], form: Form[V], look: Callable[[list[int]], list[V]]
    ) -> dict[str, _Look]:
        began = time.perf_counter()
        said = look(list(todo.values()))
        seconds = (time.perf_counter() - began) / len(todo)
        self._memory.add(
            key, [(n, {"said": form.write(v), "seconds": seconds}) for n, v in zip(todo, said, strict=True)]
        )
        return {name: _Look(value, seconds) for name, value in zip(todo, said, strict=True)}


def pixel_hash(image: Image) -> str:
    """Names pixels by their shape and bytes."""
    digest = hashlib.blake2b(repr(image.pixels.shape).encode(), digest_size=16)
    digest.update(np.ascontiguousarray(image.pixels).data)
    return digest.hexdigest()


def short_hash(text: str) -> str:
    """24 hex digits that name a text."""
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def _readable(kept: Mapping[str, Any], form: Form[Any]) -> dict[str, _Look]:
    """Answers that are kept; one that cannot be read is looked at anew."""
    found = {}
    for name, body in kept.items():
        with suppress(KeyError, TypeError, ValueError):
            found[name] = _Look(form.read(body["said"]), float(body["seconds"]))
    return found
