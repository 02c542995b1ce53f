"""Texts with gaps, against Python's own formatting."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.workflows.running import run_step

from ocella.errors import InvalidValue, InvalidWorkflow
from ocella.workflows.compile import compile_workflow


@pytest.mark.parametrize(
    ("template", "data", "expected"),
    [
        ("{n} cars", {"n": 3}, "3 cars"),
        ("{a}{b}{a}", {"a": 1, "b": [2]}, "1[2]1"),
        ("{x:.2f}", {"x": 0.123}, "0.12"),
        ("{x:{w}}|", {"x": "a", "w": 3}, "a  |"),
        ("{x!r}", {"x": "a"}, "'a'"),
        ("{{n}}", {"n": 3}, "{n}"),
        ("none", {}, "none"),
        ("", {"n": 3}, ""),
    ],
)
def test_gaps_are_filled_in(template: str, data: dict[str, Any], expected: str) -> None:
    assert run_step("roboflow_core/string_template@v1", {"data": data}, template=template) == {"output": expected}


def test_data_go_through_operations_first() -> None:
    more: dict[str, Any] = {"data_operations": {"names": [{"type": "SequenceJoin", "separator": " or "}]}}
    found = run_step("string_template", {"data": {"names": ["a", "b"]}}, template="One of: {names}.", **more)
    assert found == {"output": "One of: a or b."}


@given(st.text(alphabet="abc {}", max_size=8), st.integers())
def test_filling_in_is_pythons_format(text: str, value: int) -> None:
    template = text.replace("{", "{{").replace("}", "}}") + "{n:+d}"
    assert run_step("string_template", {"data": {"n": value}}, template=template) == {
        "output": template.format(n=value)
    }


@pytest.mark.parametrize(
    ("template", "data", "message"),
    [
        ("{m}", {"n": 1}, "gap 'm', which 'data' does not fill"),
        ("{n:d}", {"n": "a"}, "cannot be filled in"),
        ("{n:99999999}", {"n": 1}, "at most 9999"),
        ("{n:{w}}", {"n": 1, "w": 99_999_999}, "at most 9999"),
    ],
)
def test_data_that_do_not_fit_are_told(template: str, data: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        run_step("string_template", {"data": data}, template=template)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"template": "{m}"}, "not 'm'"),
        ({"template": "{}"}, "Give every gap a name"),
        ({"template": "{0}"}, "Give every gap a name"),
        ({"template": "{n.__class__}"}, "plain name"),
        ({"template": "{n[0]}"}, "plain name"),
        ({"template": "{n:{m.x}}"}, "plain name"),
        ({"template": "{n"}, "Double a brace"),
        ({"template": "{n}", "data_operations": {"m": []}}, "'data', not 'm'"),
    ],
)
def test_a_wrong_template_is_refused_before_the_run(fields: dict[str, Any], message: str) -> None:
    step = {"type": "string_template", "name": "t", "data": {"n": "$inputs.n"}, **fields}
    with pytest.raises(InvalidWorkflow, match=message):
        compile_workflow({"inputs": [{"type": "WorkflowParameter", "name": "n"}], "steps": [step], "outputs": []})


def test_a_template_from_an_input_is_checked_in_the_run() -> None:
    assert run_step("string_template", {"template": "{n}!", "data": {"n": 1}}) == {"output": "1!"}
    with pytest.raises(InvalidValue, match="plain name"):
        run_step("string_template", {"template": "{n.real}", "data": {"n": 1}})
