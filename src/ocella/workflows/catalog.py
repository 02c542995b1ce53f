"""All blocks, found by name: a definition imports only the files of the blocks it uses."""

import importlib
import pkgutil
from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import entry_points

from ocella.errors import InvalidValue, NotFound
from ocella.registry import did_you_mean
from ocella.workflows.block import Block
from ocella.workflows.families import ABSENT

__all__ = ["all_blocks", "find_block", "group_of", "groups", "split_type"]

PACKAGE = "ocella.workflows.blocks"
ENTRY_POINTS = "ocella.blocks"
_VENDORS = ("roboflow_core", "roboflow_enterprise", "ocella")


def split_type(type_name: str) -> tuple[str, int]:
    """Family and version of a type; 0 where it has no version. `roboflow_core/crop@v1` is `crop`, 1."""
    name = type_name
    vendor, slash, rest = name.partition("/")
    if slash and vendor in _VENDORS:
        name = rest
    family, _, version = name.partition("@v")
    return family, int(version) if version.isdecimal() else 0


def find_block(type_name: str) -> tuple[type[Block], int]:
    """The class of a type, and the version that the type asks for (the current one where it names none; of an alias the one
    that stands with it, else 1). Raises NotFound with the nearest names.
    """
    family, version = split_type(type_name)
    current = _by_file(family)
    if current is None or type_name in current.aliases:
        current = by_alias().get(type_name) or by_alias().get(family) or current
    if current is None and family in ABSENT:
        raise NotFound(f"'{family}' is a block of Roboflow Workflows that Ocella does not have: {ABSENT[family]}")
    if current is None:
        raise NotFound(f"There is no block '{type_name}'.{did_you_mean(family, sorted(by_alias()))}")
    newest = split_type(current.type)[1]
    if version > newest:
        raise NotFound(f"'{current.family()}' is known up to version {newest}, got '{type_name}'. Take {current.type}.")
    if version == 0:
        own = (split_type(name) for name in (current.type, *current.aliases))
        version = max((number for name, number in own if name == family), default=0) or 1
    return current, version


@lru_cache(maxsize=1)
def groups() -> tuple[str, ...]:
    """Names of the groups of blocks: folders under `blocks/`."""
    folder = importlib.import_module(PACKAGE)
    return tuple(sorted(m.name for m in pkgutil.iter_modules(folder.__path__) if m.ispkg))


@lru_cache(maxsize=1)
def all_blocks() -> dict[str, type[Block]]:
    """Every block's class by type, in order of group and file, then those of entry points."""
    found: dict[str, type[Block]] = {}
    for where, units in _walk():
        for unit in units:
            if not (isinstance(unit, type) and issubclass(unit, Block)):
                raise InvalidValue(f"UNITS of {where} must hold classes of blocks, got {unit!r}.")
            if unit.type in found:
                raise InvalidValue(f"{where} brings a second block '{unit.type}'. Rename one of them.")
            found[unit.type] = unit
    return found


def group_of(block: type[Block]) -> str:
    """The group of a block; the package's name for one of a third party."""
    parts = block.__module__.split(".")
    return parts[3] if block.__module__.startswith(PACKAGE + ".") else parts[0]


@lru_cache(maxsize=1)
def by_alias() -> dict[str, type[Block]]:
    """Every name that means a block: its family, its type, its aliases."""
    names: dict[str, type[Block]] = {}
    for block in all_blocks().values():
        for name in (block.family(), block.type, *block.aliases, *(split_type(a)[0] for a in block.aliases)):
            names.setdefault(name, block)
    return names


@lru_cache(maxsize=1)
def _files() -> dict[str, str]:
    """The module of every file of a group, by the file's name, which is the family of its first block."""
    found = {}
    for group in groups():
        folder = importlib.import_module(f"{PACKAGE}.{group}")
        for module in pkgutil.iter_modules(folder.__path__):
            if not module.name.startswith("_"):
                found[module.name] = f"{PACKAGE}.{group}.{module.name}"
    return found


@lru_cache(maxsize=512)
def _by_file(family: str) -> type[Block] | None:
    module = _files().get(family)
    if module is None:
        return None
    units: tuple[type[Block], ...] = importlib.import_module(module).UNITS
    return next((unit for unit in units if unit.family() == family), None)


def _walk() -> Iterator[tuple[str, tuple[object, ...]]]:
    for module in sorted(_files().values()):
        found = importlib.import_module(module)
        if not hasattr(found, "UNITS"):
            raise InvalidValue(f"{found.__name__} must have UNITS, a tuple of classes of blocks, got none.")
        yield found.__name__, found.UNITS
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda p: p.name):
        yield f"entry point {point.value}", point.load().UNITS
