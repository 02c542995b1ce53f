"""Going on under a condition, by a table and by a clock."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.workflows.blocks.flow_control.gating import Gated

from ocella.errors import InvalidWorkflow
from ocella.workflows.services import Services


def step(comparator: str = "(Number) >", **fields: Any) -> dict[str, Any]:
    statement = {
        "type": "BinaryStatement",
        "left_operand": {"type": "DynamicOperand", "operand_name": "n"},
        "comparator": {"type": comparator},
        "right_operand": {"type": "DynamicOperand", "operand_name": "limit"},
    }
    return {
        "type": "ContinueIf",
        "condition_statement": {"type": "StatementGroup", "statements": [statement]},
        "evaluation_parameters": {"n": "$inputs.n", "limit": "$inputs.limit"},
        "next_steps": ["$steps.a", "$steps.b"],
        **fields,
    }


def test_each_element_goes_on_by_itself() -> None:
    gate = Gated(step(), ["a", "b", "c"])
    assert gate.run(n=[5, 11]) == [["c"], ["a", "b", "c"]]
    assert gate.run(n=[5, 11], limit=4) == [["a", "b", "c"]] * 2


def test_a_delay_lets_go_on_for_a_while() -> None:
    now = [datetime(2026, 3, 1, tzinfo=UTC)]
    gate = Gated(step(stop_delay=5, next_steps=["$steps.a"]), services=Services(now=lambda: now[0]))
    seen = []
    for seconds, n in ((0, 5), (1, 11), (5, 5), (6, 5), (7, 5), (8, 11)):
        now[0] = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=seconds)
        seen.append(gate.run(n=[n]) == [["a"]])
    assert seen == [False, True, True, True, False, True]


def test_without_steps_nothing_goes_on() -> None:
    assert Gated(step(next_steps=[])).run(n=[11]) == [["a"]]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"comparator": ">"}, "Did you mean|Known"),
        ({"next_steps": ["$steps.x"]}, "a step of this workflow"),
        ({"stop_delay": -1}, "greater than or equal to 0"),
    ],
)
def test_wrong_fields_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidWorkflow, match=message):
        Gated(step(**fields), ["a", "b"])
