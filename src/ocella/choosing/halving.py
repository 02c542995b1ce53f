"""Successive halving (Jamieson and Talwalkar 2016): ever fewer settings look at ever more images, within time or money."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ocella.errors import InvalidValue

__all__ = ["FIRST", "Budget", "Dropped", "Entrant", "Rung", "next_rung"]

FIRST = 8
"""Images that every setting looks at before any is judged."""
_MORE = 2
"""How many times as many images the next rung has."""
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Entrant:
    """A setting in the race: `seconds` and `fee` (money) of one image, as the rungs before took it, and a `score` that needs no
    answers, higher is better.
    """

    name: str
    seconds: float
    score: float
    fee: float = 0.0

    def __post_init__(self) -> None:
        if not (0 <= self.seconds < math.inf and 0 <= self.fee < math.inf) or math.isnan(self.score):
            raise InvalidValue(
                f"'{self.name}' needs seconds and fee of at least 0 and a score, got {self.seconds}, {self.fee}, {self.score}."
            )


@dataclass(frozen=True)
class Budget:
    """What is left to spend: `seconds` of this machine, `money` for servers; infinite where nobody set a bound."""

    seconds: float = math.inf
    money: float = math.inf

    def less(self, entrants: Sequence[Entrant], images: int) -> "Budget":
        """What is left after `entrants` have looked at so many images."""
        seconds, money = (sum(getattr(e, name) for e in entrants) * images for name in ("seconds", "fee"))
        return Budget(self.seconds - seconds, self.money - money)

    def split(self, parts: int) -> "Budget":
        """One of so many equal parts."""
        return Budget(self.seconds / parts, self.money / parts)

    @property
    def holds(self) -> bool:
        """Whether it is not overspent, but for rounding."""
        return self.seconds >= -_ROUNDING and self.money >= -_ROUNDING

    def images(self, entrant: Entrant) -> int:
        """How many images one entrant could look at."""
        most = [left / each for left, each in ((self.seconds, entrant.seconds), (self.money, entrant.fee)) if each > 0]
        least = min(most, default=math.inf)
        return max(0, math.floor(least + _ROUNDING)) if least < math.inf else 2**62


@dataclass(frozen=True)
class Dropped:
    """Who looks at no more images, after how many, and why."""

    name: str
    images: int
    why: str


@dataclass(frozen=True)
class Rung:
    """Who is `kept` (places among the entrants, best score first) until `images` in all were looked at, and who was dropped.
    `last` says that it ends there; `note` why before all images.
    """

    images: int
    kept: tuple[int, ...]
    dropped: tuple[Dropped, ...] = ()
    last: bool = False
    note: str = ""


def next_rung(entrants: Sequence[Entrant], *, seen: int, images: int, left: Budget) -> Rung:
    """What to do after every entrant has looked at `seen` of `images`. All go on to the end where what is `left` suffices for
    that. Else twice as many images are next: each rung has an equal part of what the best by score does not need to finish,
    spent by score; who does not fit into it is dropped. What is promised never passes what is left.
    """
    if not entrants or not 1 <= seen <= images:
        raise InvalidValue(f"A rung takes entrants and 1 <= seen <= images, got {len(entrants)}, {seen} and {images}.")
    order = sorted(range(len(entrants)), key=lambda i: (-entrants[i].score, entrants[i].seconds, i))
    todo = images - seen
    if left.less(entrants, todo).holds:
        return Rung(images, tuple(order), last=True)
    best = entrants[order[0]]
    if not left.less([best], todo).holds:
        return _cut_short(entrants, order, seen, seen + min(todo, left.images(best)), images)
    target = min(images, seen * _MORE)
    rungs = max(1, math.ceil(math.log(images / seen, _MORE) - _ROUNDING))
    spare = left.less([best], todo).split(rungs)
    kept, dropped = [order[0]], []
    for place in order[1:]:
        rest = spare.less([entrants[place]], target - seen)
        if rest.holds:
            spare = rest
            kept.append(place)
        else:
            dropped.append(Dropped(entrants[place].name, seen, _why(entrants[place], best, target - seen)))
    return Rung(target, tuple(kept), tuple(dropped), last=target == images)


def _cut_short(entrants: Sequence[Entrant], order: Sequence[int], seen: int, reached: int, images: int) -> Rung:
    """Not even the best can finish: it alone goes as far as it can, or all stop where they are."""
    note = f"stopped after {reached} of {images} images: the budget is spent"
    if reached == seen:
        return Rung(seen, tuple(order), last=True, note=note)
    why = "the budget does not even suffice for the best to finish"
    dropped = tuple(Dropped(entrants[i].name, seen, why) for i in order[1:])
    return Rung(reached, (order[0],), dropped, last=True, note=note)


def _why(entrant: Entrant, best: Entrant, more: int) -> str:
    score = f"score {entrant.score:.2f}, the best {best.score:.2f}"
    price = f" and {entrant.fee * more:.2f} in fees" if entrant.fee else ""
    return f"{score}; {entrant.seconds * more:.1f} s{price} for {more} more images did not fit the budget"
