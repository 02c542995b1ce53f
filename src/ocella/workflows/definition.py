"""A workflow's definition read from JSON: inputs, steps and outputs, with every fault of its form."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ocella.errors import InvalidWorkflow, NotFound, Unreadable
from ocella.workflows.kinds import ANY, KINDS
from ocella.workflows.problems import Problem, nearest
from ocella.workflows.selectors import Selector

__all__ = ["Definition", "InputDef", "OutputDef", "StepDef", "read_definition", "read_definition_file"]

_INPUTS = {
    "WorkflowImage": "image",
    "InferenceImage": "image",
    "WorkflowVideoMetadata": "video_metadata",
    "WorkflowBatchInput": "batch",
    "WorkflowParameter": "parameter",
    "InferenceParameter": "parameter",
}
_SECTIONS = ("version", "inputs", "steps", "outputs", "dynamic_blocks_definitions", "id", "name", "description")
_NAME = "a name of letters, digits, '_' and '-'"


@dataclass(frozen=True)
class InputDef:
    """One input: its kinds, how deep its lists are nested (0: one value for all), its default."""

    name: str
    kinds: frozenset[str]
    depth: int
    default: Any = None
    has_default: bool = False


@dataclass(frozen=True)
class StepDef:
    """One step as it is written."""

    name: str
    type: str
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class OutputDef:
    """One output. `own` coordinates stay those of the crop; else objects go back to the root image."""

    name: str
    selector: Selector
    own: bool = False


@dataclass(frozen=True)
class Definition:
    """All parts, in order."""

    inputs: Mapping[str, InputDef]
    steps: tuple[StepDef, ...]
    outputs: tuple[OutputDef, ...]
    custom_blocks: tuple[Mapping[str, Any], ...] = ()
    version: str = ""
    source: Mapping[str, Any] = field(default_factory=dict, compare=False)


def read_definition_file(path: Path) -> Any:
    """The JSON of a file; raises NotFound, Unreadable with line and column. A hosted export's `specification` is opened."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NotFound(f"{path} is not there. Check the path.") from error
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path} is not UTF-8 text. Save it as JSON in UTF-8.") from error
    except json.JSONDecodeError as error:
        raise Unreadable(f"{path} is no JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from error
    return unwrapped(data)


def unwrapped(data: Any) -> Any:
    """The definition inside an export that wraps it."""
    for key in ("specification", "definition"):
        if isinstance(data, Mapping) and "steps" not in data and isinstance(data.get(key), Mapping):
            return data[key]
    return data


def read_definition(data: Any) -> tuple[Definition, list[Problem]]:
    """The parts that can be read, and every problem of the rest. Raises InvalidWorkflow where it is no mapping at all."""
    data = unwrapped(data)
    if not isinstance(data, Mapping):
        raise InvalidWorkflow(
            [Problem("", "", data, "a mapping with inputs, steps and outputs", "Give the definition's JSON object.")]
        )
    problems: list[Problem] = [
        Problem(
            "", key, data[key], "one of " + ", ".join(_SECTIONS), nearest(key, _SECTIONS, "It is ignored."), "warning"
        )
        for key in data
        if key not in _SECTIONS
    ]
    version = data.get("version", "")
    if not isinstance(version, str) or (version and not version.replace(".", "").isdecimal()):
        problems.append(Problem("", "version", version, 'text like "1.0", or nothing', "Leave it out."))
    elif version.split(".")[0] not in ("", "1"):
        problems.append(Problem("", "version", version, "major version 1", "This engine runs version 1 definitions."))
    inputs = [_input(item, problems) for item in _items(data, "inputs", problems)]
    steps = [_step(item, i, problems) for i, item in enumerate(_items(data, "steps", problems))]
    outputs = [_output(item, problems) for item in _items(data, "outputs", problems)]
    custom = [item for item in _items(data, "dynamic_blocks_definitions", problems) if isinstance(item, Mapping)]
    for section, found in (("input", inputs), ("step", steps), ("output", outputs)):
        _refuse_twins(section, [x.name for x in found if x is not None], problems)
    return Definition(
        {i.name: i for i in inputs if i is not None},
        tuple(s for s in steps if s is not None),
        tuple(o for o in outputs if o is not None),
        tuple(custom),
        str(version),
        data,
    ), problems


def _items(data: Mapping[str, Any], section: str, problems: list[Problem]) -> Sequence[Any]:
    items = data.get(section, [])
    if items is None or isinstance(items, str) or not isinstance(items, Sequence):
        problems.append(Problem("", section, items, "a list", f'Write "{section}": [].'))
        return []
    if section == "steps" and "steps" not in data:
        problems.append(Problem("", section, None, "a list of steps", 'Write "steps": [...].'))
    return items


def _input(item: Any, problems: list[Problem]) -> InputDef | None:
    name = _name_of("input", item, problems)
    if name is None:
        return None
    kind = _INPUTS.get(item.get("type", ""))
    where = f"$inputs.{name}"
    if kind is None:
        problems.append(
            Problem(
                where, "type", item.get("type"), "one of " + ", ".join(_INPUTS), nearest(str(item.get("type")), _INPUTS)
            )
        )
        kind = "parameter"
    kinds = _kinds(item.get("kind"), where, problems)
    if kind in ("image", "video_metadata"):
        return InputDef(name, frozenset({kind}), 1)
    if kind == "batch":
        depth = item.get("dimensionality", 1)
        if not isinstance(depth, int) or isinstance(depth, bool) or depth < 1:
            problems.append(
                Problem(where, "dimensionality", depth, "a whole number of at least 1", "Leave it out for 1.")
            )
            depth = 1
        return InputDef(name, kinds, depth)
    return InputDef(name, kinds, 0, item.get("default_value"), "default_value" in item)


def _kinds(given: Any, where: str, problems: list[Problem]) -> frozenset[str]:
    items = [] if given is None else [given] if isinstance(given, str | Mapping) else list(given)
    names = [str(item.get("name") if isinstance(item, Mapping) else item) for item in items]
    unknown = [name for name in names if name not in KINDS]
    problems += [Problem(where, "kind", name, "a known kind", nearest(name, KINDS)) for name in unknown]
    return frozenset(n for n in names if n in KINDS) or frozenset({ANY})


def _step(item: Any, place: int, problems: list[Problem]) -> StepDef | None:
    name = _name_of("step", item, problems, place)
    if name is None:
        return None
    type_name = item.get("type")
    if not isinstance(type_name, str) or not type_name:
        problems.append(Problem(name, "type", type_name, "the type of a block", "See `ocella workflow blocks`."))
        return None
    return StepDef(name, type_name, {k: v for k, v in item.items() if k not in ("name", "type")})


def _output(item: Any, problems: list[Problem]) -> OutputDef | None:
    name = _name_of("output", item, problems)
    if name is None:
        return None
    where = f"output {name}"
    selector = Selector.read(item.get("selector"))
    if selector is None:
        problems.append(
            Problem(
                where, "selector", item.get("selector"), "$inputs.name or $steps.step.output", "Point it at a value."
            )
        )
    coordinates = item.get("coordinates_system", "parent")
    if coordinates not in ("own", "parent"):
        problems.append(
            Problem(
                where,
                "coordinates_system",
                coordinates,
                "'own' or 'parent'",
                nearest(str(coordinates), ("own", "parent")),
            )
        )
    if item.get("type", "JsonField") != "JsonField":
        problems.append(Problem(where, "type", item["type"], "JsonField", 'Write "type": "JsonField".'))
    return None if selector is None else OutputDef(name, selector, coordinates == "own")


def _name_of(section: str, item: Any, problems: list[Problem], place: int = 0) -> str | None:
    if not isinstance(item, Mapping):
        problems.append(Problem("", f"{section}s", item, "a mapping", f'Write each {section} as {{"name": ...}}.'))
        return None
    name = item.get("name")
    if section == "step" and name is None and isinstance(item.get("type"), str):
        problems.append(Problem("", f"steps[{place}].name", None, _NAME, f"Name this {item['type']}."))
        return None
    if not isinstance(name, str) or Selector.read(f"$inputs.{name}") is None:
        problems.append(Problem("", f"{section}s.name", name, _NAME, f"Rename the {section}."))
        return None
    return name


def _refuse_twins(section: str, names: Sequence[str], problems: list[Problem]) -> None:
    for name in dict.fromkeys(n for n in names if names.count(n) > 1):
        where = {"input": f"$inputs.{name}", "step": name, "output": f"output {name}"}[section]
        problems.append(Problem(where, "name", name, f"a {section} name of its own", "Rename one of the two."))
