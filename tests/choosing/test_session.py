"""Asking: budgets, undo, stop, skip, and that nothing changes the questions but the answers."""

from collections.abc import Callable
from typing import Literal

import numpy as np
import pytest
from tests.choosing.scenes import scenes

from ocella.choosing.label_asker import LabelAsker
from ocella.choosing.objects import Objects
from ocella.choosing.question import Question, Reply
from ocella.choosing.session import Asked, ask
from ocella.errors import InvalidValue

WORLD = scenes(7)
OBJECTS = Objects(WORLD.runs, WORLD.files)
TRUTH = LabelAsker(WORLD.truths, "truth")
Said = Reply | Literal["undo"] | None


class Scripted:
    """Answers from the truth but where the script, by the number of the call, says otherwise."""

    name = "scripted"

    def __init__(self, script: dict[int, Callable[[Reply], Said]] | None = None) -> None:
        self.script, self.calls = script or {}, 0
        self.asked: list[int] = []

    def __call__(self, question: Question, done: int, most: int) -> Said:
        reply = TRUTH(question, done, most)
        self.asked.append(question.unit)
        self.calls += 1
        change = self.script.get(self.calls)
        return reply if change is None else change(reply)


def units(asked: Asked) -> list[int]:
    return [question.unit for question, _ in asked.replies]


def test_the_budget_is_spent_on_different_units() -> None:
    asked = ask(OBJECTS, TRUTH, most=20, seed=1)
    assert len(set(units(asked))) == len(asked.replies) == 20
    assert not asked.settled


def test_the_same_seed_asks_the_same_and_another_does_not() -> None:
    first, again, other = (units(ask(OBJECTS, TRUTH, most=12, seed=s)) for s in (1, 1, 2))
    assert first == again
    assert first != other


def test_an_answer_taken_back_is_asked_again_and_leaves_no_trace() -> None:
    wrong = {5: lambda _: Reply("no"), 6: lambda _: "undo"}
    asker = Scripted(wrong)  # type: ignore[arg-type]  # the literal is one of the answers
    asked = ask(OBJECTS, asker, most=12, seed=1)
    plain = ask(OBJECTS, TRUTH, most=12, seed=1)
    assert units(asked) == units(plain)
    np.testing.assert_array_equal(asked.standing.probability, plain.standing.probability)
    np.testing.assert_array_equal(asked.standing.chance, plain.standing.chance)
    assert asker.asked[4] == asker.asked[6]  # asked, next one undone, asked again


def test_undo_before_the_first_answer_asks_it_again() -> None:
    asker = Scripted({1: lambda _: "undo"})
    assert len(ask(OBJECTS, asker, most=4, seed=1).replies) == 4
    assert asker.asked[0] == asker.asked[1]


def test_several_answers_are_taken_back_one_by_one() -> None:
    asker = Scripted({7: lambda _: "undo", 8: lambda _: "undo", 9: lambda _: "undo"})
    asked = ask(OBJECTS, asker, most=12, seed=3)
    assert units(asked) == units(ask(OBJECTS, TRUTH, most=12, seed=3))


@pytest.mark.parametrize("after", [1, 3, 4, 5, 11])
def test_stopping_keeps_what_was_answered(after: int) -> None:
    asked = ask(OBJECTS, Scripted({after: lambda _: None}), most=20, seed=1)
    assert len(asked.replies) == after - 1
    assert len(asked.standing.answers.unit) + len(asked.standing.answers.image) == after - 1
    assert (asked.standing.chance <= 1).all()
    if after > 1:
        assert asked.standing.chance.sum() == pytest.approx(after - 1, abs=0.35)


def test_what_nobody_can_tell_costs_no_answer() -> None:
    asked = ask(OBJECTS, Scripted({2: lambda _: Reply("skip"), 3: lambda _: Reply("skip")}), most=10, seed=1)
    assert len(asked.replies) == 12
    assert len(asked.standing.answers.unit) + len(asked.standing.answers.image) == 10


def test_all_units_may_be_asked_and_then_it_ends() -> None:
    asked = ask(OBJECTS, TRUTH, most=10_000, seed=1)
    assert sorted(units(asked)) == list(range(len(OBJECTS)))
    assert (asked.standing.chance > 0.999).all()


def test_it_ends_when_it_is_settled() -> None:
    asked = ask(OBJECTS, TRUTH, most=40, seed=1, is_settled=lambda s: len(s.answers.unit) >= 6)
    assert asked.settled
    assert 8 <= len(asked.replies) <= 16


def test_wrong_budget() -> None:
    with pytest.raises(InvalidValue, match="at least 0"):
        ask(OBJECTS, TRUTH, most=-1)
    assert ask(OBJECTS, TRUTH, most=0).replies == ()
