"""Looking within a budget of time or money: ever fewer settings on ever more images."""

import math
from collections.abc import Callable, Mapping, Sequence

from ocella.choosing.halving import FIRST, Budget, Entrant, next_rung
from ocella.choosing.look import Looked
from ocella.choosing.run import Run
from ocella.choosing.setting import Setting
from ocella.types import ImageRef

__all__ = ["look_within"]

Look = Callable[[Sequence[Setting], Sequence[ImageRef]], Looked]
Score = Callable[[Sequence[Run], Sequence[ImageRef]], Sequence[float]]


def look_within(
    look: Look,
    settings: Sequence[Setting],
    images: Sequence[ImageRef],
    left: Budget,
    score: Score,
    fees: Mapping[Setting, float],
) -> tuple[Looked, tuple[tuple[str, str], ...]]:
    """What the settings that stay say of the images that are reached, and who was dropped with why. `look` remembers, so an
    image seen before costs nothing; `score` ranks runs without answers; `fees` are the price of one image of a setting.
    """
    if left == Budget():
        return look(settings, images), ()
    dropped: list[tuple[str, str]] = []
    reached = min(FIRST, len(images))
    looked = look(settings, images[:reached])
    left = left.less(_entrants(looked, [0.0] * len(looked.runs), fees), reached)
    while looked.runs and reached < len(images):
        entrants = _entrants(looked, score(looked.runs, looked.images), fees)
        rung = next_rung(entrants, seen=reached, images=len(images), left=left)
        dropped += [(d.name, f"dropped after {d.images} images: {d.why}") for d in rung.dropped]
        if rung.note:
            dropped.append(("the remaining images", rung.note))
        kept = [entrants[i] for i in sorted(rung.kept)]
        left = left.less(kept, rung.images - reached)
        stay = [looked.runs[i].setting for i in sorted(rung.kept)]
        grown, reached = rung.images > reached, rung.images
        looked = look(stay, images[:reached])
        if rung.last or not grown:
            break
    return looked, tuple(dropped)


def _entrants(looked: Looked, scores: Sequence[float], fees: Mapping[Setting, float]) -> list[Entrant]:
    return [
        Entrant(run.setting.name, run.seconds, -1.0 if math.isnan(score) else score, fees.get(run.setting, 0.0))
        for run, score in zip(looked.runs, scores, strict=True)
    ]
