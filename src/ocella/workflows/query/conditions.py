"""Conditions over named values, read from JSON once and asked often."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

from ocella.errors import InvalidValue, OcellaError
from ocella.workflows.problems import nearest
from ocella.workflows.query.chain import Operations
from ocella.workflows.query.faults import Fault, InvalidQuery, Place, copied, query_schema, short
from ocella.workflows.query.operators import BINARY, UNARY

__all__ = ["THE_VALUE", "Condition"]

THE_VALUE = "_"
"""The name of the value itself where a condition is about one value, as about one object of a filter."""

Values = Mapping[str, Any]
Test = Callable[[Values], bool]
Fetch = Callable[[Values], Any]


class Condition:
    """A StatementGroup as a field of a block: `condition(values)` by name. `source` is its JSON; two conditions with the same
    JSON are equal.
    """

    __slots__ = ("_test", "source")

    def __init__(self, source: Mapping[str, Any]) -> None:
        self._test = _group(source, ())
        self.source: dict[str, Any] = copied(source)

    def __call__(self, values: Values) -> bool:
        """Whether it holds; raises InvalidValue with the operator or operation that cannot work on what it gets."""
        return self._test(values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Condition) and self.source == other.source

    __hash__ = None  # type: ignore[assignment]  # JSON does not hash

    def __repr__(self) -> str:
        return f"Condition({self.source!r})"

    @classmethod
    def read(cls, value: Any) -> Self:
        """A condition from its JSON; one that is read already stays. Raises InvalidValue with every fault."""
        return value if isinstance(value, cls) else cls(value)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> Any:
        schema = {"type": "object", "properties": {"statements": {"type": "array"}}, "required": ["statements"]}
        return query_schema(cls, "condition", schema | {"query": "condition"})


def _group(item: Any, place: Place) -> Test:
    if not isinstance(item, Mapping) or item.get("type", "StatementGroup") != "StatementGroup":
        raise InvalidQuery.at(place, 'a mapping with "type": "StatementGroup" and "statements"', item)
    statements, operator = item.get("statements"), item.get("operator", "or")
    if isinstance(statements, str) or not isinstance(statements, Sequence) or not statements:
        raise InvalidQuery.at((*place, "statements"), "a list of at least one statement", statements)
    if operator not in ("and", "or"):
        raise InvalidQuery.at((*place, "operator"), "'and' or 'or'", operator)
    tests: list[Test] = _all(_statement, [(s, (*place, "statements", i)) for i, s in enumerate(statements)])
    if len(tests) == 1:
        return tests[0]
    if operator == "and":
        return lambda values: all(test(values) for test in tests)
    return lambda values: any(test(values) for test in tests)


def _statement(item: Any, place: Place) -> Test:
    kind = item.get("type") if isinstance(item, Mapping) else None
    if kind == "StatementGroup":
        return _group(item, place)
    if kind not in ("BinaryStatement", "UnaryStatement"):
        expected = 'a mapping with "type": "BinaryStatement", "UnaryStatement" or "StatementGroup"'
        raise InvalidQuery.at(place, expected, item)
    negate = item.get("negate", False)
    if not isinstance(negate, bool):
        raise InvalidQuery.at((*place, "negate"), "true or false", negate)
    test = _binary(item, place) if kind == "BinaryStatement" else _unary(item, place)
    return (lambda values: not test(values)) if negate else test


def _binary(item: Mapping[str, Any], place: Place) -> Test:
    name = _operator(item, "comparator", BINARY, UNARY, place)
    left, right = _all(_operand, [(item.get(side), (*place, side)) for side in ("left_operand", "right_operand")])
    compare = BINARY[name]

    def test(values: Values) -> bool:
        a, b = left(values), right(values)
        try:
            return compare(a, b)
        except (TypeError, ValueError, AttributeError) as error:
            raise _cannot(name, error, a, b) from error

    return test


def _unary(item: Mapping[str, Any], place: Place) -> Test:
    name = _operator(item, "operator", UNARY, BINARY, place)
    fetch = _operand(item.get("operand"), (*place, "operand"))
    ask = UNARY[name]

    def test(values: Values) -> bool:
        a = fetch(values)
        try:
            return ask(a)
        except (TypeError, ValueError, AttributeError) as error:
            raise _cannot(name, error, a) from error

    return test


def _cannot(name: str, error: Exception, *values: Any) -> InvalidValue:
    reason = f" ({error})" if isinstance(error, OcellaError) else ""
    got = " and ".join(map(short, values))
    return InvalidValue(f"'{name}' cannot be asked of {got}{reason}. Check the operations of its operands.")


def _operator(
    item: Mapping[str, Any], key: str, known: Mapping[str, Any], others: Mapping[str, Any], place: Place
) -> str:
    given = item.get(key)
    name = given.get("type") if isinstance(given, Mapping) else None
    if not isinstance(name, str):
        raise InvalidQuery.at((*place, key), 'a mapping like ("type": "==")', given)
    if name not in known:
        count = "two values" if "==" in known else "one value"
        hint = "It is one for another kind of statement" if name in others else nearest(name, known).rstrip(".")
        raise InvalidQuery.at((*place, key, "type"), f"an operator of {count} ({hint})", name)
    return name


def _operand(item: Any, place: Place) -> Fetch:
    kind = item.get("type") if isinstance(item, Mapping) else None
    if kind not in ("StaticOperand", "DynamicOperand"):
        raise InvalidQuery.at(place, 'a mapping with "type": "StaticOperand" or "DynamicOperand"', item)
    try:
        chain = Operations.read(item.get("operations") or [])
    except InvalidQuery as error:
        raise error.within((*place, "operations")) from error
    if kind == "StaticOperand":
        return _static(item, chain, place)
    name = item.get("operand_name", THE_VALUE)
    if not isinstance(name, str):
        raise InvalidQuery.at((*place, "operand_name"), "a name", name)
    return _dynamic(name, chain)


def _static(item: Mapping[str, Any], chain: Operations, place: Place) -> Fetch:
    if "value" not in item:
        raise InvalidQuery.at(place, "'value', which a StaticOperand needs", dict(item))
    value = item["value"]
    return (lambda values: chain(value, values)) if chain else (lambda _: value)


def _dynamic(name: str, chain: Operations) -> Fetch:
    def fetch(values: Values) -> Any:
        try:
            value = values[name]
        except KeyError:
            known = ", ".join(f"'{n}'" for n in values) or "none"
            raise InvalidValue(f"The condition asks for '{name}', but its values are: {known}. Give it one.") from None
        return chain(value, values) if chain else value

    return fetch


def _all(read: Callable[[Any, Place], Any], items: Sequence[tuple[Any, Place]]) -> list[Any]:
    """Everything read, or all faults at once."""
    found: list[Any] = []
    faults: list[Fault] = []
    for item, place in items:
        try:
            found.append(read(item, place))
        except InvalidQuery as error:
            faults += error.faults
    if faults:
        raise InvalidQuery(faults)
    return found
