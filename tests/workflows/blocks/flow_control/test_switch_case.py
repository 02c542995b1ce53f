"""One of several branches, by a table."""

from typing import Any

import pytest
from tests.workflows.blocks.flow_control.gating import Gated

from ocella.errors import InvalidWorkflow

STEP = {
    "type": "SwitchCase",
    "value": "$inputs.n",
    "cases": {"red": "$steps.a", "True": "$steps.b", "1.0": "$steps.c"},
    "default_next_steps": ["$steps.d", "$steps.e"],
}
NAMES = ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [("red", ["a"]), (True, ["b"]), (1.0, ["c"]), (1, ["d", "e"]), ("RED", ["d", "e"]), ("", ["d", "e"])],
)
def test_the_case_of_a_values_text_runs(value: Any, expected: list[str]) -> None:
    assert Gated(STEP, NAMES).run(n=[value]) == [expected]


def test_capitals_may_not_count() -> None:
    gate = Gated(STEP | {"case_insensitive": True}, NAMES)
    assert gate.run(n=["RED", "true", "blue"]) == [["a"], ["b"], ["d", "e"]]


def test_without_a_default_nothing_runs() -> None:
    assert Gated({k: v for k, v in STEP.items() if k != "default_next_steps"}, ["a", "b", "c"]).run(n=["x"]) == [[]]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"cases": ["$steps.a"]}, "a mapping from values to steps"),
        ({"cases": {"red": "$steps.x"}}, "a step of this workflow"),
        ({"cases": {"red": "$steps.d"}}, "each step once"),
        ({"cases": {"red": "$steps.a", "RED": "$steps.b"}, "case_insensitive": True}, "more than capitals"),
    ],
)
def test_wrong_cases_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidWorkflow, match=message):
        Gated(STEP | fields, NAMES)
