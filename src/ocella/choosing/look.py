"""Candidates run over the sample: no network looks at the same pixels twice, and a killed run goes on."""

import json
import statistics
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.choosing.attempt import Attempt, reason_of
from ocella.choosing.run import Run
from ocella.choosing.setting import Setting
from ocella.errors import InvalidValue, NotFound, Unreadable
from ocella.media.load import load
from ocella.models.compose import join
from ocella.models.compose.recollection import Recollection, Tally, pixel_hash
from ocella.models.compose.remembered import remembered
from ocella.models.load import parts_of
from ocella.models.pool import Pool
from ocella.models.tasks import Model
from ocella.progress import Progress, silent
from ocella.store.looks import Looks
from ocella.types import Image, ImageRef

__all__ = ["FLOOR", "Looked", "look"]

FLOOR = 0.02
"""Least confidence of what is kept: below every threshold that anyone would choose."""
_SAME_ANYWAY = ("api_key", "batch", "license", "pickle", "remote_code", "threads")
"""Options of loading that do not change what a model says."""


@dataclass(frozen=True, eq=False)
class Looked:
    """`runs` of the settings that worked, in their order, over `images`; (setting, reason) of those `refused`; (name, reason)
    of images `set_aside`, of which no run speaks. `tallies` counts looks by model; `notes` says what befell the memory.
    """

    images: tuple[ImageRef, ...]
    runs: tuple[Run, ...]
    refused: tuple[tuple[Setting, str], ...] = ()
    set_aside: tuple[tuple[str, str], ...] = ()
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def look(
    settings: Sequence[Setting],
    images: Sequence[ImageRef],
    file: Path,
    pool: Pool,
    *,
    options: Mapping[str, Any] | None = None,
    floor: float = FLOOR,
    why: Mapping[Setting, str] | None = None,
    progress: Progress = silent,
) -> Looked:
    """What each setting says of each image with a confidence of at least `floor`. `file` remembers every look: a second call
    with more images or settings looks at what is new alone. `options` are those of `ocella.load`. A setting that fails is
    refused, an image that cannot be read is set aside, both with the reason. Raises NotFound where no image is left.
    """
    if not images or not settings:
        raise InvalidValue(f"Looking takes settings and images, got {len(settings)} and {len(images)} of them.")
    attempts = [Attempt(setting, floor) for setting in settings]
    models = list(dict.fromkeys(s.model for s in settings))
    unreadable: dict[int, str] = {}
    with Looks(file) as looks:
        lender = _Lender(pool, options or {}, looks, floor)
        for turn, name in enumerate(models):
            own = [a for a in attempts if a.setting.model == name]
            with ExitStack() as held:
                try:
                    model = lender.lease(name, held)
                except Exception as error:  # noqa: BLE001  # whatever befalls a candidate, the others go on
                    for attempt in own:
                        attempt.refused = reason_of(error)
                    continue
                for attempt in own:
                    attempt.start(model)
                for number, image in _decoded(images, unreadable):
                    lender.show(own, number, image, len(images))
                    progress("look", turn * len(images) + number + 1, len(models) * len(images), images[number].name)
                for attempt in own:
                    attempt.stop()
    return _gathered(attempts, images, unreadable, why or {}, lender)


class _Lender:
    """Models with a memory, and what their looks took."""

    def __init__(self, pool: Pool, options: Mapping[str, Any], looks: Looks, floor: float) -> None:
        self._pool, self._options, self.looks, self._floor = pool, options, looks, floor
        self._named = json.dumps({k: repr(v) for k, v in sorted(options.items()) if k not in _SAME_ANYWAY})
        self._hashes = _Hashes()
        self.tallies: dict[str, Tally] = {}

    def lease(self, name: str, held: ExitStack) -> Model:
        """The model, as long as `held` lasts. Of two that are joined each has its own memory."""
        parts = parts_of(name)
        models = [self._part(part, held, joined=len(parts) > 1) for part in parts]
        return join(*models) if len(models) > 1 else models[0]

    def _part(self, name: str, held: ExitStack, *, joined: bool) -> Model:
        options = dict(self._options)
        if joined and options.get("weights"):
            options["weights"] = Path(options["weights"]) / name
        model = held.enter_context(self._pool.lease(name, **options))
        tally = self.tallies.setdefault(name, Tally())
        named = Recollection(model.card, self.looks, tally, options=self._named, hashed=self._hashes)
        return remembered(model, named, floor=self._floor)

    def show(self, attempts: Sequence[Attempt], number: int, image: Image, count: int) -> None:
        """An image to all settings of a model; then what is new is kept."""
        for attempt in attempts:
            attempt.look(number, image, self._balance)
            attempt.judge(count)
        self.looks.flush()
        self._hashes.clear()

    def _balance(self) -> float:
        return sum(t.looking - t.spent for t in self.tallies.values())


class _Hashes:
    """Hashes of pixels, worked out once for each window of an image that stays as it is until `clear`."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], tuple[str, npt.NDArray[np.uint8]]] = {}

    def __call__(self, image: Image) -> str:
        pixels = image.pixels
        place = (pixels.ctypes.data, pixels.shape, pixels.strides)
        if place not in self._known:
            self._known[place] = pixel_hash(image), pixels  # the pixels are held so that no others take their place
        return self._known[place][0]

    def clear(self) -> None:
        self._known.clear()


def _decoded(images: Sequence[ImageRef], unreadable: dict[int, str]) -> Iterator[tuple[int, Image]]:
    """Images with their numbers, decoded one ahead of the model; those that cannot be read go to `unreadable`."""

    def decode(number: int) -> Image | str:
        try:
            return load(images[number])
        except (Unreadable, NotFound) as error:
            return str(error)

    todo = [n for n in range(len(images)) if n not in unreadable]
    with ThreadPoolExecutor(1) as pool:
        ahead = pool.submit(decode, todo[0]) if todo else None
        for number, after in zip(todo, [*todo[1:], None], strict=True):
            assert ahead is not None
            ready = ahead.result()
            ahead = None if after is None else pool.submit(decode, after)
            if isinstance(ready, str):
                unreadable[number] = ready
            else:
                yield number, ready


def _gathered(
    attempts: Sequence[Attempt],
    images: Sequence[ImageRef],
    unreadable: Mapping[int, str],
    why: Mapping[Setting, str],
    lender: _Lender,
) -> Looked:
    """Runs over the images that every setting in them could label."""
    good = [a for a in attempts if not a.refused]
    failed = {n: f"'{a.setting.name}' fails on it: {reason}" for a in good for n, reason in a.failed.items()}
    aside = {**failed, **unreadable}
    kept = [n for n in range(len(images)) if n not in aside]
    if not kept:
        reasons = "; ".join(f"{images[n].name}: {reason}" for n, reason in list(aside.items())[:5])
        raise NotFound(f"None of the {len(images)} images can be looked at. {reasons}")
    runs = [_run(a, kept, why.get(a.setting, "")) for a in good]
    refused = tuple((a.setting, a.refused) for a in attempts if a.refused)
    named = tuple((images[n].name, aside[n]) for n in sorted(aside))
    return Looked(
        tuple(images[n] for n in kept), tuple(runs), refused, named, lender.tallies, tuple(lender.looks.notes)
    )


def _run(attempt: Attempt, kept: Sequence[int], why: str) -> Run:
    assert attempt.card is not None
    seconds = statistics.median(attempt.seconds[n] for n in kept)
    return Run(attempt.setting, tuple(attempt.said[n] for n in kept), seconds, attempt.card, why)
