"""Operations on lists."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from ocella.errors import InvalidValue
from ocella.types import Detections
from ocella.workflows.query.chain import Operations
from ocella.workflows.query.operation import operation
from ocella.workflows.query.rows import Row

__all__ = []

_OBJECTS = "object_detection_prediction instance_segmentation_prediction keypoint_detection_prediction"
_MAX_JOINED = 1_000_000


def _items(values: Any) -> Iterable[Any]:
    """The values of a list; the objects of Detections."""
    if isinstance(values, Detections):
        return Row.of(values)
    if isinstance(values, str | bytes):
        raise TypeError("a text is no list")  # told by the operation's name
    found: Iterable[Any] = iter(values)
    return found


@operation("SequenceApply", "list_of_values", "list_of_values", named=True)
def _apply(operations: Operations) -> Callable[[Any, Mapping[str, Any] | None], list[Any]]:
    """Each value after the operations."""
    return lambda values, parameters: [operations(v, parameters) for v in _items(values)]


@operation("SequenceLength", f"{_OBJECTS} list_of_values dictionary", "integer")
def _length() -> Callable[[Any], int]:
    """How many there are."""
    return len


@operation("SequenceElementsCount", "list_of_values", "dictionary")
def _counts() -> Callable[[Any], dict[str, int]]:
    """How often each value occurs, by its text."""
    return lambda values: dict(Counter(str(v) for v in _items(values)))


@operation("SequenceJoin", "list_of_values", "string")
def _join(separator: str = ", ") -> Callable[[Any], str]:
    """All values as one text, of at most a million characters."""

    def join(values: Any) -> str:
        text = separator.join(str(v) for v in _items(values))
        if len(text) > _MAX_JOINED:
            raise InvalidValue(f"SequenceJoin makes at most {_MAX_JOINED} characters, got {len(text)}. Join fewer.")
        return text

    return join


_NUMERIC: Mapping[str, Callable[[Any], Any]] = {"min": min, "max": max, "sum": sum}


@operation("NumericSequenceAggregate", "list_of_values", "integer float float_zero_to_one")
def _aggregate_numbers(function: Literal["min", "max", "sum"], neutral_value: Any = None) -> Callable[[Any], Any]:
    """The smallest, the largest or the sum of a list of numbers; `neutral_value` for an empty list."""
    reduce = _NUMERIC[function]
    return lambda values: neutral_value if len(values) == 0 else reduce(values)


@operation("SequenceAggregate", "list_of_values", "*")
def _aggregate(mode: Literal["first", "last", "most_common", "least_common"]) -> Callable[[Any], Any]:
    """One value of a list that is not empty. Among equally common ones: the first for most_common, the last for least_common."""
    picks: Mapping[str, Callable[[Any], Any]] = {
        "first": lambda values: values[0],
        "last": lambda values: values[-1],
        "most_common": lambda values: Counter(values).most_common()[0][0],
        "least_common": lambda values: Counter(values).most_common()[-1][0],
    }
    pick = picks[mode]

    def one(values: Any) -> Any:
        if len(values) == 0:
            raise InvalidValue(
                f"SequenceAggregate '{mode}' needs at least one value, got an empty list. Check it first."
            )
        return pick(values)

    return one
