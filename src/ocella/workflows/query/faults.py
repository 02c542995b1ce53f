"""What is wrong with a chain or a condition as it is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ocella.errors import InvalidValue

__all__ = ["Fault", "InvalidQuery", "copied", "query_schema", "short"]

Place = tuple[int | str, ...]


@dataclass(frozen=True)
class Fault:
    """Where in the JSON, what was expected there, what was found."""

    place: Place
    expected: str
    got: Any

    def __str__(self) -> str:
        where = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in self.place).lstrip(".")
        return f"{where + ': ' if where else ''}expected {self.expected}, got {short(self.got)}"


class InvalidQuery(InvalidValue):
    """Operations or a condition that cannot be read; `faults` are all that were found."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(map(str, faults)) + ".")
        self.faults = tuple(faults)

    @classmethod
    def at(cls, place: Place, expected: str, got: Any) -> "InvalidQuery":
        """With one fault."""
        return cls([Fault(place, expected, got)])

    def within(self, place: Place) -> "InvalidQuery":
        """The same, of a part at that place."""
        return InvalidQuery([Fault((*place, *f.place), f.expected, f.got) for f in self.faults])


def query_schema(cls: Any, what: str, source_schema: Mapping[str, Any]) -> Any:
    """Pydantic's schema of a class that reads itself from JSON by `cls.read`; every fault keeps its place."""
    from pydantic_core import PydanticCustomError, ValidationError, core_schema

    def read(value: Any) -> Any:
        try:
            return cls.read(value)
        except InvalidQuery as error:
            lines: Any = [
                {
                    "type": PydanticCustomError("query", f.expected.replace("{", "(").replace("}", ")")),
                    "loc": f.place,
                    "input": f.got,
                }
                for f in error.faults
            ]
            raise ValidationError.from_exception_data(what, lines) from error

    return core_schema.no_info_plain_validator_function(
        read,
        metadata={"pydantic_js_functions": [lambda _schema, _handler: dict(source_schema)]},
        serialization=core_schema.plain_serializer_function_ser_schema(lambda value: value.source),
    )


def copied(value: Any) -> Any:
    """JSON that does not change with the one it came from."""
    if isinstance(value, Mapping):
        return {key: copied(item) for key, item in value.items()}
    return [copied(item) for item in value] if isinstance(value, list | tuple) else value


def short(value: Any) -> str:
    """A value as text of at most 60 characters, its type in front where that does not show."""
    text = repr(value)
    text = text if len(text) <= 60 else text[:57] + "..."
    return (
        text if isinstance(value, str | int | float | bool | list | dict | None) else f"{type(value).__name__} {text}"
    )
