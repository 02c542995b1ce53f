"""What an operation is, and all there are: a file under `operations/` brings its own."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, TypeVar, get_type_hints

from ocella.errors import InvalidValue, OcellaError
from ocella.workflows.problems import nearest
from ocella.workflows.query.faults import Fault, InvalidQuery, Place, short

__all__ = ["Apply", "Operation", "known", "operation", "read_operation"]

Parameters = Mapping[str, Any] | None
Apply = Callable[[Any, Parameters], Any]
Make = TypeVar("Make", bound=Callable[..., Callable[..., Any]])

_FAULTS = (TypeError, ValueError, KeyError, AttributeError, ZeroDivisionError, OverflowError, IndexError)
_FOUND: dict[str, "Operation"] = {}


@dataclass(frozen=True)
class Operation:
    """One operation by name: the kinds it takes and gives, the types it is checked for (any where there is none), and
    what makes its function from the fields of its JSON. `named`: the function takes the parameters of the chain too.
    """

    name: str
    takes: tuple[str, ...]
    gives: tuple[str, ...]
    of: tuple[type, ...]
    make: Callable[..., Callable[..., Any]]
    named: bool

    @property
    def meaning(self) -> str:
        """What it does, in words."""
        return inspect.getdoc(self.make) or ""

    @cached_property
    def fields(self) -> Mapping[str, tuple[Any, Any]]:
        """Annotation and default of every field; `inspect.Parameter.empty` for one without."""
        hints = get_type_hints(self.make, include_extras=True)
        return {name: (hints[name], p.default) for name, p in inspect.signature(self.make).parameters.items()}

    @cached_property
    def checks(self) -> Mapping[str, Callable[[Any], Any]]:
        """For every field what checks its JSON."""
        from pydantic import TypeAdapter

        return {name: TypeAdapter(hint).validate_python for name, (hint, _) in self.fields.items()}


def operation(
    name: str, takes: str, gives: str, of: type | tuple[type, ...] = (), *, named: bool = False
) -> Callable[[Make], Make]:
    """Enter the function below as what makes the operation `name`; `takes` and `gives` list kinds."""

    def enter(make: Make) -> Make:
        types = of if isinstance(of, tuple) else (of,)
        _FOUND[name] = Operation(name, tuple(takes.split()), tuple(gives.split()), types, make, named)
        return make

    return enter


@lru_cache(maxsize=1)
def known() -> Mapping[str, Operation]:
    """All operations by name."""
    folder = importlib.import_module("ocella.workflows.query.operations")
    for module in pkgutil.iter_modules(folder.__path__):
        importlib.import_module(f"{folder.__name__}.{module.name}")
    return dict(sorted(_FOUND.items()))


def read_operation(item: Any, place: Place) -> Apply:
    """An operation's JSON as a function. Raises InvalidQuery."""
    name = item.get("type") if isinstance(item, Mapping) else None
    if not isinstance(item, Mapping) or not isinstance(name, str):
        raise InvalidQuery.at(place, 'an operation, a mapping like ("type": "SequenceLength")', item)
    found = known().get(name)
    if found is None:
        raise InvalidQuery.at((*place, "type"), f"a known operation ({nearest(name, known()).rstrip('.')})", name)
    fields = _read_fields(found, item, place)
    try:
        return _guarded(found, found.make(**fields))
    except InvalidQuery as error:
        raise error.within(place) from error


def _read_fields(found: Operation, item: Mapping[str, Any], place: Place) -> dict[str, Any]:
    from pydantic import ValidationError

    faults = list(_misspelt(found, item, place))
    values: dict[str, Any] = {}
    for name, (_, default) in found.fields.items():
        if name not in item:
            if default is inspect.Parameter.empty and not faults:
                faults.append(Fault((*place, name), f"'{name}', which {found.name} needs", dict(item)))
            continue
        try:
            values[name] = found.checks[name](item[name])
        except ValidationError as error:
            found_here = error.errors(include_url=False)
            faults += [Fault((*place, name, *f["loc"]), _expected(f), f["input"]) for f in found_here]
    if faults:
        raise InvalidQuery(faults)
    return values


def _expected(fault: Mapping[str, Any]) -> str:
    """What pydantic wanted, in few words."""
    if fault["type"] == "literal_error":
        choices = [c.strip("' ") for c in fault["ctx"]["expected"].replace(" or ", ", ").split(",")]
        return f"a known value ({nearest(fault['input'], choices).rstrip('.')})"
    text: str = fault["msg"]
    return text.removeprefix("Value error, ").removeprefix("Input should be ")


def _misspelt(found: Operation, item: Mapping[str, Any], place: Place) -> Sequence[Fault]:
    """Fields that are none of this operation but look like one; others mean nothing here."""
    unknown = [name for name in item if name not in found.fields and name != "type"]
    near = {name: nearest(str(name), found.fields, " ").strip() for name in unknown}
    return [Fault((*place, n), f"a field of {found.name} ({near[n]})", item[n]) for n in unknown if near[n]]


def _guarded(found: Operation, work: Callable[..., Any]) -> Apply:
    """The function with its value checked, and with every fault told by the operation's name."""
    name, of = found.name, found.of

    def refuse(value: Any, cause: Exception | None = None) -> InvalidValue:
        more = f" ({cause})" if cause is not None and str(cause) else ""
        return InvalidValue(
            f"{name} expected {' or '.join(found.takes)}, got {short(value)}{more}. Check the operation before it."
        )

    def with_parameters(value: Any, parameters: Parameters) -> Any:
        if of and not isinstance(value, of):
            raise refuse(value)
        try:
            return work(value, parameters)
        except OcellaError:
            raise
        except _FAULTS as error:
            raise refuse(value, error) from error

    def alone(value: Any, _parameters: Parameters) -> Any:
        if of and not isinstance(value, of):
            raise refuse(value)
        try:
            return work(value)
        except OcellaError:
            raise
        except _FAULTS as error:
            raise refuse(value, error) from error

    return with_parameters if found.named else alone
