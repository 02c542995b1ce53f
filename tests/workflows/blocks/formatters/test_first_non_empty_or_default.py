"""Branches brought together: of two gates, what the open one let through."""

from typing import Any

import pytest

from ocella.errors import InvalidWorkflow
from ocella.workflows.compile import compile_workflow
from ocella.workflows.run import run_workflow

COPY = {"type": "property_definition", "data": "$inputs.n", "operations": []}
TENFOLD = {"type": "property_definition", "data": "$inputs.n", "operations": [{"type": "Multiply", "other": 10}]}


def definition(**fields: Any) -> dict[str, Any]:
    return {
        "inputs": [{"type": "WorkflowBatchInput", "name": "n", "kind": ["integer"]}],
        "steps": [
            {"type": "switch_case", "name": "gate", "value": "$inputs.n", "cases": {"1": "$steps.a", "2": "$steps.b"}},
            {"name": "a", **COPY},
            {"name": "b", **TENFOLD},
            {
                "type": "FirstNonEmptyOrDefault",
                "name": "any",
                "data": ["$steps.a.output", "$steps.b.output"],
                **fields,
            },
        ],
        "outputs": [{"type": "JsonField", "name": "any", "selector": "$steps.any.output"}],
    }


@pytest.mark.parametrize(("fields", "other"), [({}, None), ({"default": "none"}, "none"), ({"default": []}, [])])
def test_what_is_there_first_comes_out(fields: dict[str, Any], other: Any) -> None:
    found = run_workflow(compile_workflow(definition(**fields)), {"n": [1, 2, 3]})
    assert [row["any"] for row in found] == [1, 20, other]


def test_an_empty_value_is_a_value() -> None:
    found = run_workflow(compile_workflow(definition(data=["$inputs.n", "$steps.a.output"])), {"n": [0]})
    assert found[0]["any"] == 0


def test_nothing_to_choose_from_is_refused() -> None:
    with pytest.raises(InvalidWorkflow, match="a list of at least one value"):
        compile_workflow(definition(data=[]))
