"""Units found by walking a folder and by entry points: a new unit is one new file and no edit elsewhere."""

import difflib
import importlib
import pkgutil
from collections.abc import Iterator, Sequence
from importlib.metadata import entry_points
from typing import Generic, Protocol, TypeVar

from ocella.errors import InvalidValue, NotFound

__all__ = ["Registry", "Unit", "did_you_mean"]


class Unit(Protocol):
    """Anything with a name."""

    @property
    def name(self) -> str:
        """Unique within its registry, kebab-case."""
        ...


U = TypeVar("U", bound=Unit)
_LISTED = 12


class Registry(Generic[U]):
    """All units of one kind: `UNITS` of every module in `package`, then those of the entry-point `group`."""

    def __init__(self, kind: str, package: str, group: str, base: type[U]) -> None:
        self.kind, self.package, self.group, self.base = kind, package, group, base
        self._units: dict[str, U] | None = None

    def _walk(self) -> Iterator[tuple[str, Sequence[object]]]:
        folder = importlib.import_module(self.package)
        for module in sorted(pkgutil.iter_modules(folder.__path__), key=lambda m: m.name):
            if not module.name.startswith("_"):
                found = importlib.import_module(f"{self.package}.{module.name}")
                if not hasattr(found, "UNITS"):
                    raise InvalidValue(f"{found.__name__} must have UNITS, a tuple of {self.base.__name__}, got none.")
                yield found.__name__, found.UNITS
        for point in sorted(entry_points(group=self.group), key=lambda p: p.name):
            yield f"entry point {point.value}", point.load().UNITS

    def units(self) -> dict[str, U]:
        """Every unit by name, in order of file name; raises InvalidValue on a second unit of one name."""
        if self._units is None:
            found: dict[str, U] = {}
            for where, units in self._walk():
                for unit in units:
                    if not isinstance(unit, self.base):
                        raise InvalidValue(
                            f"UNITS of {where} must hold {self.base.__name__}, got {type(unit).__name__}."
                        )
                    if unit.name in found:
                        raise InvalidValue(
                            f"{where} brings a second {self.kind} named '{unit.name}'. Rename one of them."
                        )
                    found[unit.name] = unit
            self._units = found
        return self._units

    def get(self, name: str) -> U:
        """The unit of that name; raises NotFound with the nearest names."""
        units = self.units()
        if name not in units:
            raise NotFound(f"There is no {self.kind} '{name}'.{did_you_mean(name, units)}")
        return units[name]

    def __iter__(self) -> Iterator[U]:
        return iter(self.units().values())


def did_you_mean(name: str, known: Sequence[str] | dict[str, object] | dict[str, U]) -> str:
    """A sentence with the nearest known names, or the first of them."""
    names = list(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    if near:
        return " Did you mean " + " or ".join(f"'{n}'" for n in near) + "?"
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f" Known: {', '.join(names[:_LISTED])}{more}." if names else " None is installed."
