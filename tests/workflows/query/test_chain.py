"""Chains of operations: how they are read, compared, and what they say of a wrong one."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from ocella.errors import InvalidValue
from ocella.workflows.query import Condition, Operations
from ocella.workflows.query.operation import known

LOWER = {"type": "StringToLowerCase"}


def test_all_operations_of_the_language_are_there() -> None:
    assert len(known()) == 36
    assert all(o.meaning and o.takes and o.gives for o in known().values())


def test_a_chain_applies_one_after_the_other() -> None:
    chain = Operations([LOWER, {"type": "StringSubSequence", "start": 1, "end": 3}])
    assert chain("ABCDE") == "bc"


def test_a_chain_without_operations_gives_the_value_back() -> None:
    value = object()
    assert Operations([])(value) is value


def test_a_chain_keeps_its_json_and_compares_by_it() -> None:
    source: list[dict[str, Any]] = [LOWER, {"type": "Multiply", "other": 2}]
    chain = Operations(source)
    assert chain.source == source
    assert chain == Operations(json.loads(json.dumps(source)))
    assert chain != Operations([LOWER])
    assert chain != source


def test_a_chain_does_not_change_with_the_json_it_was_read_from() -> None:
    source: list[Any] = [{"type": "LookupTable", "lookup_table": {"a": 1}}]
    chain = Operations(source)
    source[0]["lookup_table"]["b"] = 2
    assert chain.source == [{"type": "LookupTable", "lookup_table": {"a": 1}}]


def test_pydantic_reads_a_chain_and_writes_its_json() -> None:
    class Step(BaseModel):
        operations: Operations
        condition: Condition | None = None

    step = Step.model_validate({"operations": [LOWER]})
    assert step.operations("A") == "a"
    assert step.model_dump(mode="json") == {"operations": [LOWER], "condition": None}
    assert Step.model_validate({"operations": step.operations}).operations is step.operations
    assert TypeAdapter(dict[str, Operations]).json_schema()["additionalProperties"]["type"] == "array"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ([{"type": "Multipy", "other": 2}], r"\[0\].type: .*Did you mean 'Multiply'"),
        ([LOWER, {"type": "Multiply", "othr": 2}], r"\[1\].othr: .*Did you mean 'other'"),
        ([{"type": "Multiply"}], r"\[0\].other: .*'other', which Multiply needs"),
        ([{"type": "NumberRound", "decimal_digits": "two"}], r"\[0\].decimal_digits: .*integer.*got 'two'"),
        ([{"type": "SortDetections", "mode": "centre_x"}], r"\[0\].mode: .*Did you mean 'center_x'"),
        ([{"type": "Divide", "other": 0}], r"\[0\].other: expected a number other than 0"),
        ([{"type": "StringMatches", "regex": "("}], r"\[0\].regex: expected a regular expression"),
        ([{"type": "ConvertImageToJPEG", "compression_level": 0}], r"greater than or equal to 1"),
        ([{"type": "SequenceApply", "operations": [{"type": "ToStrin"}]}], r"\[0\].operations\[0\].type: .*'ToString'"),
        (["ToString"], r"\[0\]: expected an operation"),
        ({"type": "ToString"}, "expected a list of operations"),
        ("ToString", "expected a list of operations"),
    ],
)
def test_a_wrong_chain_is_refused_with_place_and_suggestion(source: Any, message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        Operations(source)
    with pytest.raises(ValidationError):
        TypeAdapter(Operations).validate_python(source)


def test_every_fault_is_told_with_its_place() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Operations).validate_python([{"type": "A"}, LOWER, {"type": "Multiply", "other": None}])
    places = {error["loc"][0] for error in caught.value.errors()}
    assert places == {0, 2}


def test_fields_that_mean_nothing_here_are_let_through() -> None:
    assert Operations([{"type": "ToString", "ui_hint": 3}])(5) == "5"


@given(st.lists(st.sampled_from([LOWER, {"type": "StringToUpperCase"}, {"type": "ToString"}]), max_size=5), st.text())
def test_a_chain_is_the_same_as_its_operations_one_by_one(source: list[dict[str, Any]], text: str) -> None:
    value: Any = text
    for item in source:
        value = Operations([item])(value)
    assert Operations(source)(text) == value


@given(st.lists(st.sampled_from(sorted(known()))), st.text(max_size=4))
def test_names_that_are_none_never_pass(names: list[str], more: str) -> None:
    source = [{"type": name + "!" + more} for name in names]
    if source:
        with pytest.raises(InvalidValue):
            Operations(source)
