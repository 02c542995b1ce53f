"""Asking: round by round the units whose answers matter most, until the budget is spent, it is settled, or nobody answers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ocella.choosing.answers import Standing
from ocella.choosing.belief import Belief
from ocella.choosing.cuts import Cuts
from ocella.choosing.order import allocate, draw, even_sizes, sizes
from ocella.choosing.pool import Pool, Settled
from ocella.choosing.question import Asker, Question, Reply
from ocella.errors import InvalidValue

__all__ = ["Asked", "Subject", "ask"]

Floats = npt.NDArray[np.float64]

_ROUND = 4
"""Answers between two looks at which units matter."""


class Subject(Protocol):
    """What is asked about: objects, images, texts."""

    pool: Pool

    def question(self, unit: int) -> Question:
        """What to ask about a unit."""

    def settle(self, unit: int, reply: Reply) -> Settled | None:
        """What an answer means; None where nobody could tell."""


@dataclass(frozen=True, eq=False)
class Asked:
    """The standing after `replies`: each unit's question and answer in order. `settled` says whether it ended early because
    further answers would hardly change the choice.
    """

    standing: Standing
    replies: tuple[tuple[Question, Reply], ...]
    settled: bool = False

    @classmethod
    def nothing(cls, subject: Subject) -> "Asked":
        """Nobody was asked."""
        pool = subject.pool
        return cls(Standing.of(pool, Belief.prior(pool), {}, np.zeros(len(pool))), ())


def ask(
    subject: Subject,
    asker: Asker,
    *,
    most: int = 40,
    beta: float = 1.0,
    seed: int = 0,
    even: bool = False,
    is_settled: Callable[[Standing], bool] | None = None,
) -> Asked:
    """Ask up to `most` questions that get an answer. The same seed, pool and answers give the same questions, so that an
    answer taken back, or a run gone on with, leads where it would have led. `even` draws units alike, for comparison.
    """
    if most < 0:
        raise InvalidValue(f"most must be at least 0, got {most}.")
    given: list[tuple[int, Reply]] = []
    while True:
        run = _Run(subject, seed, beta, even=even)
        outcome = run.go(asker, given, most, is_settled)
        if outcome != "undo":
            told = tuple((subject.question(u), r) for u, r in run.replies)
            return Asked(run.standing, told, outcome == "settled")
        given = run.replies[:-1]


class _Run:
    """One way through the questions from the start."""

    def __init__(self, subject: Subject, seed: int, beta: float, *, even: bool) -> None:
        self._subject, self._pool, self._beta, self._even = subject, subject.pool, beta, even
        self._random = np.random.default_rng(seed)
        self._cuts = Cuts.of(self._pool)
        self._prior = Belief.prior(self._pool)
        self._settled: dict[int, Settled] = {}
        self._free = np.ones(len(self._pool), bool)
        self._unasked = np.ones(len(self._pool))
        self.replies: list[tuple[int, Reply]] = []
        self.standing = Standing.of(self._pool, self._prior, {}, np.zeros(len(self._pool)))

    def go(
        self,
        asker: Asker,
        given: list[tuple[int, Reply]],
        most: int,
        is_settled: Callable[[Standing], bool] | None,
    ) -> str:
        """Ask; `given` are answers had before, in their order. Says why it ended: budget, settled, stop, undo."""
        waiting = list(given)
        while len(self._settled) < most and self._free.any():
            size = self._sizes()
            count = min(_ROUND, most - len(self._settled), int(self._free.sum()))
            ended, done = self._round(size, count, asker, waiting, most)
            if done:
                self._unasked *= 1 - allocate(size, self._free_before, done)
            self.standing = Standing.of(self._pool, self._prior, self._settled, 1 - self._unasked)
            if ended:
                return ended
            if is_settled is not None and not waiting and is_settled(self.standing):
                return "settled"
        return "budget"

    def _sizes(self) -> Floats:
        s = self.standing
        size = sizes(self._pool, self._cuts, s.probability, s.missing, self._beta)
        return even_sizes(self._pool, size) if self._even else size

    def _round(
        self, size: Floats, count: int, asker: Asker, waiting: list[tuple[int, Reply]], most: int
    ) -> tuple[str, int]:
        """Ask until `count` of this round are settled; returns why it ended early (or nothing) and how many were."""
        self._free_before = self._free.copy()
        done = 0
        for unit in draw(allocate(size, self._free, count), self._free, self._random).tolist():
            reply = self._reply(unit, asker, waiting, most)
            if not isinstance(reply, Reply):
                return reply or "stop", done
            self.replies.append((unit, reply))
            self._free[unit] = False
            found = self._subject.settle(unit, reply)
            if found is not None:
                self._settled[unit] = found
                done += 1
            if done == count:
                break
        return "", done

    def _reply(self, unit: int, asker: Asker, waiting: list[tuple[int, Reply]], most: int) -> Reply | str | None:
        if waiting and waiting[0][0] == unit:
            return waiting.pop(0)[1]
        while True:
            reply = asker(self._subject.question(unit), len(self._settled), most)
            if reply != "undo" or self.replies:
                return reply
