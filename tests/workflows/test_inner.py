"""Workflows within workflows."""

from typing import Any

import pytest
from tests.workflows.arithmetic import BLOCKS

from ocella.workflows.compile import check_workflow, compile_workflow
from ocella.workflows.run import run_workflow

X = {"type": "WorkflowBatchInput", "name": "x", "kind": ["integer"]}


def inner(name: str, definition: dict[str, Any], **bindings: Any) -> dict[str, Any]:
    return {
        "type": "roboflow_core/inner_workflow@v1",
        "name": name,
        "workflow_definition": definition,
        "parameter_bindings": bindings,
    }


def output(name: str, selector: str) -> dict[str, Any]:
    return {"type": "JsonField", "name": name, "selector": selector}


ADDING = {
    "inputs": [X, {"type": "WorkflowParameter", "name": "plus", "default_value": 1}],
    "steps": [{"type": "add", "name": "s", "a": "$inputs.x", "plus": "$inputs.plus"}],
    "outputs": [output("sum", "$steps.s.sum"), output("plus", "$inputs.plus")],
}


def run(steps: list[dict[str, Any]], outputs: list[dict[str, Any]], x: list[int]) -> list[Any]:
    return list(run_workflow(compile_workflow({"inputs": [X], "steps": steps, "outputs": outputs}, BLOCKS), {"x": x}))


def test_bindings_may_be_selectors_or_values_and_keep_their_type() -> None:
    steps = [inner("one", ADDING, x="$inputs.x"), inner("two", ADDING, x="$steps.one.sum", plus=10)]
    outputs = [output("sum", "$steps.two.sum"), output("plus", "$steps.two.plus")]
    assert run(steps, outputs, [1, 2]) == [{"sum": 12, "plus": 10}, {"sum": 13, "plus": 10}]


def test_a_name_that_begins_like_another_is_another() -> None:
    child = {
        "inputs": [X],
        "steps": [
            {"type": "add", "name": "a", "a": "$inputs.x", "plus": 1},
            {"type": "add", "name": "ab", "a": "$steps.a.sum", "plus": 100},
        ],
        "outputs": [output("a", "$steps.a.sum"), output("ab", "$steps.ab.sum")],
    }
    steps = [inner("in", child, x="$inputs.x"), {"type": "add", "name": "in2", "a": "$steps.in.a", "b": "$steps.in.ab"}]
    assert run(steps, [output("r", "$steps.in2.sum")], [1]) == [{"r": 104}]


def test_all_outputs_at_once_and_lists_of_them() -> None:
    steps = [inner("in", ADDING, x="$inputs.x"), {"type": "first", "name": "f", "data": ["$steps.in.sum", 5]}]
    assert run(steps, [output("f", "$steps.f.first")], [1, 6]) == [{"f": 2}, {"f": 5}]


def test_levels_within_go_on_outside() -> None:
    child = {
        "inputs": [X],
        "steps": [{"type": "fan", "name": "f", "a": "$inputs.x"}],
        "outputs": [output("parts", "$steps.f.parts")],
    }
    steps = [inner("in", child, x="$inputs.x"), {"type": "total", "name": "t", "parts": "$steps.in.parts"}]
    assert run(steps, [output("t", "$steps.t.total"), output("p", "$steps.in.parts")], [2]) == [{"t": 13, "p": [6, 7]}]


def test_a_gate_lets_the_whole_inner_workflow_run() -> None:
    gate = {"type": "gate", "name": "g", "a": "$inputs.x", "next_steps": ["$steps.in"]}
    steps = [gate, inner("in", ADDING, x="$inputs.x")]
    assert run(steps, [output("s", "$steps.in.sum")], [2, 3]) == [{"s": 3}, {"s": None}]


def test_deeper_ones_and_too_deep_ones() -> None:
    nested = ADDING
    for _ in range(3):
        nested = {
            "inputs": [X],
            "steps": [inner("in", nested, x="$inputs.x")],
            "outputs": [output("sum", "$steps.in.sum")],
        }
    steps = [inner("in", nested, x="$inputs.x")]
    assert run(steps, [output("s", "$steps.in.sum")], [1]) == [{"s": 2}]
    deeper = {"inputs": [X], "steps": [inner("in", nested, x="$inputs.x")], "outputs": [output("sum", "$steps.in.sum")]}
    definition = {"inputs": [X], "steps": [inner("in", deeper, x="$inputs.x")], "outputs": []}
    assert any("at most 4 levels" in str(p) for p in check_workflow(definition, BLOCKS)[1])


@pytest.mark.parametrize(
    ("step", "field", "said"),
    [
        (inner("in", ADDING), "parameter_bindings.x", "Bind the inner input 'x'"),
        (inner("in", ADDING, x="$inputs.x", pluss=1), "parameter_bindings.pluss", "'plus'"),
        ({"type": "inner_workflow", "name": "in", "workflow_id": "a"}, "workflow_definition", "exported there first"),
    ],
)
def test_what_is_wrong_is_told(step: dict[str, Any], field: str, said: str) -> None:
    definition = {"inputs": [X], "steps": [step], "outputs": [output("s", "$steps.in.sum")]}
    problems = check_workflow(definition, BLOCKS)[1]
    assert any(p.step == "in" and p.field == field and said in str(p) for p in problems), [str(p) for p in problems]


def test_a_problem_within_names_the_way_to_it() -> None:
    child = {**ADDING, "steps": [{"type": "add", "a": "$inputs.x"}]}
    definition = {"inputs": [X], "steps": [inner("in", child, x="$inputs.x")], "outputs": []}
    assert any(p.step.startswith("in") for p in check_workflow(definition, BLOCKS)[1])
