"""Operations on texts, times and mappings."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from ocella.errors import InvalidValue
from ocella.workflows.query.faults import InvalidQuery
from ocella.workflows.query.operation import operation
from ocella.workflows.wire_plain import plain

__all__ = []


@operation("StringToLowerCase", "string", "string", str)
def _lower() -> Callable[[str], str]:
    """In small letters."""
    return str.lower


@operation("StringToUpperCase", "string", "string", str)
def _upper() -> Callable[[str], str]:
    """In capital letters."""
    return str.upper


@operation("StringSubSequence", "string", "string", str)
def _part(start: int = 0, end: int = -1) -> Callable[[str], str]:
    """From character `start` up to and without `end`; negative ones count from the end, so -1 leaves the last one out."""
    return lambda text: text[start:end]


@operation("StringMatches", "string", "boolean", str)
def _matches(regex: str) -> Callable[[str], bool]:
    """Whether the regular expression is found anywhere in the text."""
    try:
        search = re.compile(regex).search
    except re.error as error:
        raise InvalidQuery.at(("regex",), f"a regular expression ({error})", regex) from error
    return lambda text: search(text) is not None


@operation("ToString", "*", "string")
def _to_string() -> Callable[[Any], str]:
    """As text."""
    return str


@operation("TimestampToISOFormat", "timestamp", "string", datetime)
def _iso() -> Callable[[datetime], str]:
    """A time as text, like 2026-03-01T12:30:00+00:00."""
    return datetime.isoformat


@operation("ConvertDictionaryToJSON", "dictionary", "string", dict)
def _to_json() -> Callable[[dict[Any, Any]], str]:
    """As JSON text."""
    return lambda value: json.dumps(plain(value))


@operation("LookupTable", "*", "*")
def _lookup(lookup_table: dict[Any, Any]) -> Callable[[Any], Any]:
    """What the table holds for the value."""
    return lambda value: _looked_up("LookupTable", lookup_table, value)


@operation("SequenceMap", "list_of_values", "list_of_values")
def _map(lookup_table: dict[Any, Any]) -> Callable[[Any], list[Any]]:
    """What the table holds for each value of a list."""
    return lambda values: [_looked_up("SequenceMap", lookup_table, v) for v in values]


def _looked_up(name: str, table: dict[Any, Any], value: Any) -> Any:
    try:
        return table[value]
    except KeyError:
        known = ", ".join(map(repr, list(table)[:12])) or "nothing"
        raise InvalidValue(f"{name} has no entry for {value!r}; it has {known}. Add one.") from None
