"""Conditions: every operator by a table, groups against Python's own logic, faults with their place."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocella.errors import InvalidValue
from ocella.types import Detections
from ocella.workflows.query import Condition

SQUARE = [[0, 0], [10, 0], [10, 10], [0, 10]]


def two(comparator: str, left: Any, right: Any, **more: Any) -> dict[str, Any]:
    return {
        "type": "BinaryStatement",
        "left_operand": {"type": "StaticOperand", "value": left},
        "comparator": {"type": comparator},
        "right_operand": {"type": "StaticOperand", "value": right},
        **more,
    }


def one(operator: str, value: Any, **more: Any) -> dict[str, Any]:
    operand = {"type": "StaticOperand", "value": value}
    return {"type": "UnaryStatement", "operand": operand, "operator": {"type": operator}, **more}


def group(*statements: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "StatementGroup", "statements": list(statements), **more}


@pytest.mark.parametrize(
    ("comparator", "left", "right", "expected"),
    [
        ("==", "a", "a", True),
        ("(Number) ==", 1, 1.0, True),
        ("!=", [1], [2], True),
        ("(Number) !=", 1, 1, False),
        ("(Number) >", 2, 1, True),
        ("(Number) >", 1, 1, False),
        ("(Number) >=", 1, 1, True),
        ("(Number) <", 1, 2, True),
        ("(Number) <=", 2, 1, False),
        ("(Number) >", None, 1, False),
        ("(Number) <", None, 1, False),
        ("(Number) >=", 1, None, False),
        ("(Number) <=", None, None, False),
        ("(Number) in range", 2, [2, 3], True),
        ("(Number) in range", 3, [2, 3], True),
        ("(Number) in range", 4, [2, 3], False),
        ("(Number) in range", 4, [2, None], True),
        ("(Number) in range", None, [2, 3], False),
        ("(String) startsWith", "abc", "ab", True),
        ("(String) endsWith", "abc", "ab", False),
        ("(String) contains", "abc", "b", True),
        ("in (Sequence)", "a", ["a", "b"], True),
        ("in (Sequence)", "c", {"a": 1}, False),
        ("any in (Sequence)", ["a", "x"], ["a", "b"], True),
        ("any in (Sequence)", [], ["a"], False),
        ("all in (Sequence)", ["a", "x"], ["a", "b"], False),
        ("all in (Sequence)", [], ["a"], True),
        ("(Detection) in zone", (5, 5), SQUARE, True),
        ("(Detection) in zone", (10, 5), SQUARE, True),
        ("(Detection) in zone", (11, 5), SQUARE, False),
        ("(Detection) in zone", (5, 5), [], False),
    ],
)
def test_a_comparison(comparator: str, left: Any, right: Any, *, expected: bool) -> None:
    assert Condition(group(two(comparator, left, right)))({}) is expected
    assert Condition(group(two(comparator, left, right, negate=True)))({}) is not expected


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("Exists", 0, True),
        ("Exists", None, False),
        ("DoesNotExist", None, True),
        ("(Boolean) is True", True, True),
        ("(Boolean) is True", 1, False),
        ("(Boolean) is False", False, True),
        ("(Boolean) is False", None, False),
        ("(Sequence) is empty", [], True),
        ("(Sequence) is empty", "a", False),
        ("(Sequence) is not empty", {"a": 1}, True),
        ("(Sequence) is empty", Detections.empty(("a",)), True),
    ],
)
def test_a_question(operator: str, value: Any, *, expected: bool) -> None:
    assert Condition(group(one(operator, value)))({}) is expected
    assert Condition(group(one(operator, value, negate=True)))({}) is not expected


def test_operands_come_by_name_and_through_operations() -> None:
    operations = [{"type": "SequenceLength"}, {"type": "Multiply", "other": 2}]
    statement = {
        "type": "BinaryStatement",
        "left_operand": {"type": "DynamicOperand", "operand_name": "things", "operations": operations},
        "comparator": {"type": "(Number) =="},
        "right_operand": {
            "type": "StaticOperand",
            "value": "4",
            "operations": [{"type": "ToNumber", "cast_to": "int"}],
        },
    }
    condition = Condition(group(statement))
    assert condition({"things": ["a", "b"]}) is True
    assert condition({"things": []}) is False
    with pytest.raises(InvalidValue, match="asks for 'things', but its values are: 'thing'"):
        condition({"thing": 1})


def test_a_group_is_or_unless_it_says_and_and_stops_early() -> None:
    yes, no = two("==", 1, 1), two("==", 1, 2)
    fails = two("(Number) >", "a", 1)
    assert Condition(group(no, yes))({}) is True
    assert Condition(group(no, yes, operator="and"))({}) is False
    assert Condition(group(yes, fails))({}) is True
    assert Condition(group(no, fails, operator="and"))({}) is False


Tree = st.recursive(
    st.booleans(),
    lambda inner: st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=1, max_size=3)),
    max_leaves=8,
)


def _source(tree: Any) -> dict[str, Any]:
    if isinstance(tree, bool):
        return one("(Boolean) is True", tree)
    operator, parts = tree
    return group(*map(_source, parts), operator=operator)


def _truth(tree: Any) -> bool:
    if isinstance(tree, bool):
        return tree
    operator, parts = tree
    return (all if operator == "and" else any)(map(_truth, parts))


@given(Tree)
def test_groups_within_groups_are_pythons_logic(tree: Any) -> None:
    assert Condition(group(_source(tree)))({}) is _truth(tree)


def test_a_condition_keeps_its_json_and_compares_by_it() -> None:
    source = group(two("==", 1, 1))
    assert Condition(source).source == source
    assert Condition(source) == Condition(group(two("==", 1, 1)))
    assert Condition(source) != Condition(group(two("==", 1, 2)))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (group(), r"statements: expected a list of at least one statement"),
        ({"type": "Group"}, "StatementGroup"),
        ([], "StatementGroup"),
        (group(two("==", 1, 1), operator="xor"), "operator: expected 'and' or 'or', got 'xor'"),
        (group({"type": "BinaryStatment"}), r"statements\[0\]: expected a mapping with \"type\": \"BinaryStatement\""),
        (group(two("=", 1, 1)), r"comparator.type: expected an operator of two values"),
        (group(two("Exists", 1, 1)), "another kind of statement"),
        (group(one("Exist", 1)), "Did you mean 'Exists'"),
        (group(two("==", 1, 1, negate="no")), "negate: expected true or false"),
        (group(two("==", 1, 1) | {"comparator": "=="}), r"comparator: expected a mapping"),
        (group(two("==", 1, 1) | {"left_operand": {"type": "StaticOperand"}}), r"left_operand: expected 'value'"),
        (group(two("==", 1, 1) | {"right_operand": 5}), r"right_operand: expected a mapping"),
        (
            group(one("Exists", 1), {"type": "UnaryStatement", "operator": {"type": "Exists"}, "operand": {
                "type": "DynamicOperand", "operations": [{"type": "Nothing"}]}}),
            r"statements\[1\].operand.operations\[0\].type",
        ),
    ],
)  # fmt: skip
def test_a_wrong_condition_is_refused_with_its_place(source: Any, message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        Condition(source)


@pytest.mark.parametrize(
    "statement",
    [
        two("(Number) >", "a", 1),
        two("(String) contains", 5, "a"),
        two("(String) startsWith", 5, "a"),
        two("in (Sequence)", 1, 5),
        two("(Detection) in zone", 5, SQUARE),
        two("(Detection) in zone", Detections.empty(("a",)), SQUARE),
        two("(Number) in range", 5, 6),
        one("(Sequence) is empty", 5),
    ],
)
def test_values_that_do_not_fit_are_told_by_the_operator(statement: dict[str, Any]) -> None:
    name = (statement.get("comparator") or statement["operator"])["type"]
    with pytest.raises(InvalidValue) as caught:
        Condition(group(statement))({})
    assert f"'{name}' cannot be asked of" in str(caught.value)
