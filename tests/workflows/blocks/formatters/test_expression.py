"""Rules in order, by a table."""

from typing import Any

import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidValue, InvalidWorkflow
from ocella.workflows.compile import compile_workflow


def case(comparator: str, value: Any, result: dict[str, Any]) -> dict[str, Any]:
    statement = {
        "type": "BinaryStatement",
        "left_operand": {"type": "DynamicOperand", "operand_name": "n"},
        "comparator": {"type": comparator},
        "right_operand": {"type": "StaticOperand", "value": value},
    }
    return {
        "type": "CaseDefinition",
        "condition": {"type": "StatementGroup", "statements": [statement]},
        "result": result,
    }


def static(value: Any) -> dict[str, Any]:
    return {"type": "StaticCaseResult", "value": value}


TIMES_TEN = {"type": "DynamicCaseResult", "parameter_name": "n", "operations": [{"type": "Multiply", "other": 10}]}
SWITCH = {
    "type": "CasesDefinition",
    "cases": [
        case("(Number) >", 100, static("many")),
        case("(Number) >", 10, TIMES_TEN),
        case("==", 0, {"type": "DynamicCaseResult", "parameter_name": "n"}),
    ],
    "default": static("few"),
}


@pytest.mark.parametrize(("n", "expected"), [(101, "many"), (11, 110), (0, 0), (5, "few")])
def test_the_first_case_that_holds_gives_the_result(n: int, expected: Any) -> None:
    assert run_step("expression", {"data": {"n": n}}, switch=SWITCH) == {"output": expected}
    assert run_step("Expression", {"data": {"n": n}}, switch=SWITCH) == {"output": expected}


def test_data_go_through_operations_first() -> None:
    more: dict[str, Any] = {"data_operations": {"n": [{"type": "SequenceLength"}]}}
    assert run_step("expression", {"data": {"n": "x" * 11}}, switch=SWITCH, **more) == {"output": 110}
    with pytest.raises(InvalidValue, match="'data' has no 'n'"):
        run_step("expression", {"data": {"m": 1}}, switch=SWITCH, **more)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"default": {"type": "DynamicCaseResult", "parameter_name": "m"}}, "names of 'data', not 'm'"),
        ({"default": {"type": "Other"}}, "StaticCaseResult"),
        ({"cases": [case("=", 1, static(1))]}, "an operator of two values"),
        ({"cases": [{"type": "CaseDefinition", "result": static(1)}]}, "required"),
    ],
)
def test_a_wrong_switch_is_refused(change: dict[str, Any], message: str) -> None:
    step = {"type": "expression", "name": "e", "data": {"n": "$inputs.n"}, "switch": SWITCH | change}
    with pytest.raises(InvalidWorkflow, match=message):
        compile_workflow({"inputs": [{"type": "WorkflowParameter", "name": "n"}], "steps": [step], "outputs": []})
