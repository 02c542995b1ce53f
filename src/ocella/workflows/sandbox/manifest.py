"""The definition of a custom block, read: inputs, outputs, code, and every fault of it."""

import keyword
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Union

from ocella.workflows.block import UNSET
from ocella.workflows.kinds import ANY, KINDS, Is
from ocella.workflows.problems import Problem, nearest
from ocella.workflows.sandbox.code import Code

__all__ = ["InputSpec", "Manifest", "annotation_of", "read_manifest"]

SELECTORS = ("input_image", "step_output_image", "input_parameter", "step_output", "batch", "scalar", "generic")
VALUES: Mapping[str, tuple[type[Any], ...]] = {
    "any": (object,),
    "integer": (int,),
    "float": (float, int),
    "boolean": (bool,),
    "dict": (dict,),
    "list": (list, tuple),
    "string": (str,),
}
_IMAGES = ("input_image", "step_output_image")
_SCALARS = ("input_parameter", "scalar")
Say = Callable[[str, Any, str, str], None]


@dataclass(frozen=True)
class InputSpec:
    """One input: kinds that a selector may give, types of constants, default, and whether it takes whole lists."""

    name: str
    kinds: tuple[str, ...]
    values: tuple[str, ...]
    default: Any = UNSET
    may_be_none: bool = False
    many: bool = False

    def takes(self, value: Any) -> bool:
        """Whether a constant may be given."""
        if value is None:
            return self.may_be_none or self.default is None
        types = tuple(t for name in self.values for t in VALUES[name])
        return isinstance(value, types) and (not isinstance(value, bool) or bool in types or object in types)


@dataclass(frozen=True)
class Manifest:
    """A custom block without its code. `batch`: the function takes all elements at once; `forced` inputs then are a `Batch`
    also where one value holds for all. `deeper`: it gives a list for each element.
    """

    type: str
    description: str
    inputs: tuple[InputSpec, ...]
    outputs: Mapping[str, tuple[str, ...]]
    deeper: bool
    batch: bool
    accepts_missing: bool
    forced: frozenset[str]


def read_manifest(definition: Mapping[str, Any], problems: list[Problem]) -> tuple[Manifest, Code] | None:
    """Manifest and code, or None where something is wrong, which is then among the problems."""
    before = len(problems)
    manifest, code = _section(definition, "manifest"), _section(definition, "code")
    name = manifest.get("block_type")
    where = f"custom block {name}" if isinstance(name, str) and name else "dynamic_blocks_definitions"

    def say(field: str, value: Any, expected: str, suggestion: str) -> None:
        problems.append(Problem(where, field, value, expected, suggestion))

    if not isinstance(name, str) or not name:
        say("manifest.block_type", name, "the type that steps name", 'Write "block_type": "my_block".')
        return None
    read = _manifest(name, manifest, say)
    found = _code(code, say)
    for fault in found.faults([i.name for i in read.inputs]) if found.run else ():
        at = f"code.{fault.where}" + (f", line {fault.line}" if fault.line else "")
        say(at, fault.value, fault.expected, fault.suggestion)
    return (read, found) if len(problems) == before else None


def annotation_of(kinds: tuple[str, ...]) -> Any:
    """A type hint that says the kinds and lets every value through."""
    parts = [Any if kind == ANY else Annotated[Any, Is(kind)] for kind in kinds]
    return Any if not parts or Any in parts else parts[0] if len(parts) == 1 else Union[tuple(parts)]  # noqa: UP007


def _manifest(name: str, manifest: Mapping[str, Any], say: Say) -> Manifest:
    offset = _offset(manifest, "output_dimensionality_offset", "manifest", say)
    inputs = {str(k): v for k, v in _section(manifest, "inputs").items()}
    lists = {key: _names(manifest.get(key)) for key in _LISTS}
    for key, names in lists.items():
        for wrong in names - set(inputs):
            say(f"manifest.{key}", wrong, "names of inputs", nearest(wrong, inputs))
    offsets = {n: _offset(v, "dimensionality_offset", f"manifest.inputs.{n}", say) for n, v in inputs.items()}
    batched = frozenset().union(*lists.values())
    collapsing = [n for n, v in inputs.items() if offset < 0 and (n in batched if batched else not _is_scalar(v))]
    lowest = min(offsets.values(), default=0)
    many = {*collapsing, *(n for n, o in offsets.items() if o > lowest)}
    specs = tuple(_input(n, v, say, many=n in many) for n, v in inputs.items())
    references = [n for n, v in inputs.items() if isinstance(v, Mapping) and v.get("is_dimensionality_reference")]
    if len(references) > 1:
        say(
            "manifest.inputs",
            references,
            "one is_dimensionality_reference",
            "Keep it at the input that gives the level.",
        )
    return Manifest(
        name,
        str(manifest.get("description") or "Custom Python code."),
        specs,
        _outputs(_section(manifest, "outputs"), say),
        offset > 0,
        bool(manifest.get("accepts_batch_input")) or bool(batched),
        bool(manifest.get("accepts_empty_values")),
        frozenset(lists["get_parameters_enforcing_auto_batch_casting"]),
    )


_LISTS = (
    "batch_oriented_parameters",
    "parameters_with_scalars_and_batches",
    "get_parameters_enforcing_auto_batch_casting",
)


def _input(name: str, given: Any, say: Say, *, many: bool) -> InputSpec:
    where = f"manifest.inputs.{name}"
    if not name.isidentifier() or keyword.iskeyword(name) or name in ("self", "name", "type"):
        say(where, name, "a name that a Python argument can have", "Rename the input (and the function's argument).")
    spec = given if isinstance(given, Mapping) else {}
    selectors, values = _names(spec.get("selector_types")), _names(spec.get("value_types"))
    for wrong in selectors - set(SELECTORS):
        say(f"{where}.selector_types", wrong, "one of " + ", ".join(SELECTORS), nearest(wrong, SELECTORS))
    for wrong in values - set(VALUES):
        say(f"{where}.value_types", wrong, "one of " + ", ".join(VALUES), nearest(wrong, VALUES))
    if not selectors and not values:
        say(where, given, "selector_types or value_types", "Say what the input takes.")
    by_selector = _section(spec, "selector_data_kind")
    kinds: dict[str, None] = {}
    for selector in sorted(selectors & set(SELECTORS)):
        wanted = ("image",) if selector in _IMAGES else tuple(sorted(_names(by_selector.get(selector)))) or (ANY,)
        kinds |= dict.fromkeys(_known(wanted, f"{where}.selector_data_kind.{selector}", say))
    default = spec.get("default_value") if spec.get("has_default_value") else UNSET
    allowed = tuple(sorted(values & set(VALUES)))
    return InputSpec(name, tuple(kinds), allowed, default, bool(spec.get("is_optional")), many)


def _outputs(outputs: Mapping[str, Any], say: Say) -> dict[str, tuple[str, ...]]:
    found = {}
    for name, given in outputs.items():
        kinds = _names(given.get("kind")) if isinstance(given, Mapping) else set()
        found[str(name)] = tuple(_known(tuple(sorted(kinds)), f"manifest.outputs.{name}", say)) or (ANY,)
    return found


def _code(code: Mapping[str, Any], say: Say) -> Code:
    names = ("run_function_code", "run_function_name", "init_function_code", "init_function_name")
    texts = {}
    for name in names:
        value = code.get(name)
        texts[name] = value if isinstance(value, str) else ""
        if value is not None and not isinstance(value, str):
            say(f"code.{name}", value, "text", "Give the Python code as one text.")
    if not texts["run_function_code"].strip():
        say("code.run_function_code", code.get("run_function_code"), "Python code", "Write def run(self, ...): ...")
    imports = code.get("imports") or []
    if not isinstance(imports, list) or not all(isinstance(line, str) for line in imports):
        say("code.imports", imports, "a list of import statements", 'Write ["import math"].')
        imports = []
    run, run_name, init, init_name = (texts[n] for n in names)
    return Code(run, run_name or "run", init, init_name or "init", tuple(imports))


def _known(kinds: tuple[str, ...], where: str, say: Say) -> list[str]:
    for kind in kinds:
        if kind not in KINDS:
            say(where, kind, "a known kind", nearest(kind, KINDS))
    return [k for k in kinds if k in KINDS]


def _offset(given: Any, name: str, where: str, say: Say) -> int:
    value = given.get(name, 0) if isinstance(given, Mapping) else 0
    if value not in (-1, 0, 1) or isinstance(value, bool):
        say(f"{where}.{name}", value, "-1, 0 or 1", "Leave it out for 0.")
        return 0
    return int(value)


def _is_scalar(given: Any) -> bool:
    """An input that only ever holds one value for all."""
    return isinstance(given, Mapping) and _names(given.get("selector_types")) <= set(_SCALARS)


def _section(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name)
    return found if isinstance(found, Mapping) else {}


def _names(given: Any) -> set[str]:
    return {str(v) for v in given} if isinstance(given, list | tuple) else set()
