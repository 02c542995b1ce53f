"""Operations one after the other, read from JSON once and called often."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from ocella.workflows.query.faults import Fault, InvalidQuery, Place, copied, query_schema
from ocella.workflows.query.operation import Apply, read_operation

__all__ = ["Operations"]


class Operations:
    """A chain of operations as a field of a block: `chain(value, parameters)`. `source` is its JSON; two chains with the same
    JSON are equal. `parameters` are values that some operations name instead of holding them.
    """

    __slots__ = ("_steps", "source")

    def __init__(self, source: Sequence[Mapping[str, Any]]) -> None:
        self._steps = _read(source)
        self.source: list[Any] = copied(list(source))

    def __call__(self, value: Any, parameters: Mapping[str, Any] | None = None) -> Any:
        """The value after all operations; raises InvalidValue with the name of one that cannot work on what it gets."""
        for step in self._steps:
            value = step(value, parameters)
        return value

    def __len__(self) -> int:
        return len(self._steps)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Operations) and self.source == other.source

    __hash__ = None  # type: ignore[assignment]  # JSON does not hash

    def __repr__(self) -> str:
        return f"Operations({self.source!r})"

    @classmethod
    def read(cls, value: Any) -> Self:
        """A chain from its JSON; one that is read already stays. Raises InvalidValue with every fault."""
        return value if isinstance(value, cls) else cls(value)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> Any:
        items = {"type": "object", "properties": {"type": {"type": "string"}}, "required": ["type"]}
        return query_schema(cls, "operations", {"type": "array", "items": items, "query": "operations"})


def _read(source: Any) -> tuple[Apply, ...]:
    if isinstance(source, str | Mapping) or not isinstance(source, Sequence):
        raise InvalidQuery.at((), "a list of operations", source)
    steps: list[Apply] = []
    faults: list[Fault] = []
    for i, item in enumerate(source):
        place: Place = (i,)
        try:
            steps.append(read_operation(item, place))
        except InvalidQuery as error:
            faults += error.faults
    if faults:
        raise InvalidQuery(faults)
    return tuple(steps)
