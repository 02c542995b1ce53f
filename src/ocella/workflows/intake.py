"""The inputs of a run: checked, images opened, single values spread over the batch."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ocella.errors import InvalidValue
from ocella.registry import did_you_mean
from ocella.types import Image
from ocella.workflows.columns import Columns, Level
from ocella.workflows.definition import InputDef
from ocella.workflows.kinds import ANY, KINDS
from ocella.workflows.services import Services
from ocella.workflows.wire_in import read_value
from ocella.workflows.workflow import ROOT, Lineage

__all__ = ["take_in"]


def take_in(wanted: Mapping[str, InputDef], given: Mapping[str, Any], services: Services) -> Columns:
    """Columns with the inputs. Raises InvalidValue for a missing, unknown or wrong one, Unreadable for a broken image."""
    unknown = [name for name in given if name not in wanted]
    if unknown:
        raise InvalidValue(f"This workflow has no input '{unknown[0]}'.{did_you_mean(unknown[0], list(wanted))}")
    columns = Columns()
    batches: dict[str, list[Any]] = {}
    for item in wanted.values():
        if item.name not in given and (item.depth or not item.has_default):
            if item.kinds == {"video_metadata"}:
                continue  # taken from the images below
            raise InvalidValue(f"Input '{item.name}' is missing. Give {_what(item)}.")
        value = given.get(item.name, item.default)
        if item.depth == 0:
            columns.values["$inputs", item.name] = [_checked(item, value, item.name, services)]
        else:
            batches[item.name] = list(value) if isinstance(value, list | tuple) else [value]
    size = _size(batches)
    columns.levels[ROOT] = Level(size)
    for name, values in batches.items():
        _spread(columns, wanted[name], values * size if len(values) == 1 and size != 1 else values, services)
    _moments(columns, wanted, size)
    return columns


def _size(batches: Mapping[str, list[Any]]) -> int:
    sizes = {name: len(values) for name, values in batches.items()}
    many = {size for size in sizes.values() if size != 1}
    if len(many) > 1:
        said = ", ".join(f"'{name}' has {size}" for name, size in sizes.items())
        raise InvalidValue(f"All batches must be of one length, or hold one value for all: {said}.")
    return many.pop() if many else 1


def _spread(columns: Columns, item: InputDef, values: list[Any], services: Services) -> None:
    """One list a level, down to the values."""
    lineage: Lineage = ROOT
    for depth in range(1, item.depth):
        for place, value in enumerate(values):
            if not isinstance(value, list | tuple):
                raise InvalidValue(
                    f"Input '{item.name}' must be lists nested {item.depth} deep, got {type(value).__name__} at "
                    f"place {place} of depth {depth}."
                )
        lineage = (*lineage, f"$inputs.{item.name}.{depth}")
        columns.levels[lineage] = Level.of(values)
        values = [v for inside in values for v in inside]
    checked = [_checked(item, value, f"{item.name}[{i}]", services) for i, value in enumerate(values)]
    columns.values["$inputs", item.name] = [
        _named(v, f"{item.name}.[{i}]") if isinstance(v, Image) else v for i, v in enumerate(checked)
    ]


def _moments(columns: Columns, wanted: Mapping[str, InputDef], size: int) -> None:
    """Video metadata that was not given comes from the images."""
    for item in wanted.values():
        if item.kinds == {"video_metadata"} and ("$inputs", item.name) not in columns.values:
            images = [v for v in columns.values.values() if v and isinstance(v[0], Image) and len(v) == size]
            if not images or images[0][0].moment is None:
                raise InvalidValue(f"Input '{item.name}' is missing. Give {_what(item)}, or images that have a moment.")
            columns.values["$inputs", item.name] = [image.moment for image in images[0]]


def _named(image: Image, name: str) -> Image:
    """An image without a source is known by its input's name and place."""
    if image.origin.source:
        return image
    return Image(image.pixels, replace(image.origin, source=name), image.moment)


def _checked(item: InputDef, value: Any, where: str, services: Services) -> Any:
    """The value as the input's kinds want it."""
    if item.kinds == {ANY} or (value is None and item.depth == 0 and item.has_default):
        return value
    faults = []
    for name in sorted(item.kinds):
        try:
            return read_value(name, value, services)
        except InvalidValue as error:
            faults.append(str(error))
    raise InvalidValue(f"Input '{where}': {' Or: '.join(faults)}")


def _what(item: InputDef) -> str:
    kinds = " or ".join(KINDS[k].meaning.rstrip(".").lower() for k in sorted(item.kinds)[:3])
    return f"a list of: {kinds}" if item.depth else kinds
