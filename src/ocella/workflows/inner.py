"""Workflows within workflows: an inner one's steps take its place before compiling, named `<step>__<inner step>`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ocella.workflows.catalog import split_type
from ocella.workflows.definition import Definition, InputDef, OutputDef, StepDef, read_definition
from ocella.workflows.kinds import ANY
from ocella.workflows.problems import Problem, nearest
from ocella.workflows.selectors import Selector

__all__ = ["expand"]

DEPTH, COUNT = 4, 32
_NAMES = ("inner_workflow",)


@dataclass
class _Opened:
    """One inner workflow: its outputs by name as values of the outer one, and its steps' new names."""

    outputs: Mapping[str, Any]
    steps: tuple[str, ...]


def expand(definition: Definition, problems: list[Problem], depth: int = 0) -> Definition:
    """The definition with the steps of its inner workflows in their place, at most 4 deep and 32 in all."""
    inner = {step.name: step for step in definition.steps if _is_inner(step)}
    if not inner:
        return definition
    opened: dict[str, _Opened] = {}
    steps: list[StepDef] = []
    custom = list(definition.custom_blocks)
    inputs = dict(definition.inputs)
    if depth >= DEPTH or _count(definition) > COUNT:
        limit = f"at most {DEPTH} levels and {COUNT} inner workflows"
        problems.append(Problem(next(iter(inner)), "workflow_definition", depth + 1, limit, "Flatten some of them."))
        return replace(definition, steps=tuple(s for s in definition.steps if s.name not in inner))
    for step in definition.steps:
        if step.name not in inner:
            steps.append(step)
            continue
        child = _read(step, problems, depth)
        if child is not None:
            opened[step.name] = _open(step, child, steps, inputs, problems)
            custom += child.custom_blocks
    resolve = _Resolver(opened, problems)
    return replace(
        definition,
        inputs=inputs,
        steps=tuple(replace(s, fields=resolve.fields(s)) for s in steps),
        outputs=tuple(o for o in (resolve.output(o, inputs) for o in definition.outputs) if o is not None),
        custom_blocks=tuple(custom),
    )


def _is_inner(step: StepDef) -> bool:
    return split_type(step.type)[0] in _NAMES


def _count(definition: Definition) -> int:
    """Inner workflows in all, counted in the written form."""

    def inside(steps: Any) -> Iterator[int]:
        for step in steps if isinstance(steps, list | tuple) else []:
            if isinstance(step, Mapping) and split_type(str(step.get("type")))[0] in _NAMES:
                yield 1
                child = step.get("workflow_definition")
                yield from inside(child.get("steps") if isinstance(child, Mapping) else [])

    return sum(inside([{"type": s.type, **s.fields} for s in definition.steps]))


def _read(step: StepDef, problems: list[Problem], depth: int) -> Definition | None:
    written = step.fields.get("workflow_definition")
    if not isinstance(written, Mapping):
        problems.append(
            Problem(
                step.name,
                "workflow_definition",
                written,
                "the definition itself, as JSON",
                "A workflow kept on a hosted platform is exported there first, then put here.",
            )
        )
        return None
    child, faults = read_definition(written)
    child = expand(child, faults, depth + 1)
    problems += [replace(f, step=f"{step.name} > {f.step}" if f.step else step.name) for f in faults]
    return child


def _open(
    step: StepDef, child: Definition, steps: list[StepDef], inputs: dict[str, InputDef], problems: list[Problem]
) -> _Opened:
    """Put the child's steps among the outer ones; what they take from the child's inputs comes from the bindings."""
    values = _bound(step, child, problems)

    def moved(value: Any) -> Any:
        selector = Selector.read(value)
        if selector is None:
            return value
        if selector.root == "inputs":
            return values.get(selector.name, value)
        return str(replace(selector, name=f"{step.name}__{selector.name}"))

    for inside in child.steps:
        fields = {name: _each(value, moved) for name, value in inside.fields.items()}
        steps.append(StepDef(f"{step.name}__{inside.name}", inside.type, fields))
    outputs = {o.name: moved(str(o.selector)) for o in child.outputs}
    for name, value in outputs.items():
        if Selector.read(value) is None:  # a constant that is handed through: the outer outputs need a selector for it
            hidden = f"{step.name}__{name}"
            inputs[hidden] = InputDef(hidden, frozenset({ANY}), 0, value, has_default=True)
    return _Opened(outputs, tuple(f"{step.name}__{s.name}" for s in child.steps))


def _bound(step: StepDef, child: Definition, problems: list[Problem]) -> dict[str, Any]:
    """What each input of the child is: a selector of the outer workflow, or a value."""
    given = step.fields.get("parameter_bindings") or {}
    if not isinstance(given, Mapping):
        problems.append(Problem(step.name, "parameter_bindings", given, "a mapping of the inner inputs", "Write {}."))
        given = {}
    for name in given:
        if name not in child.inputs:
            expected = "an input of the inner workflow"
            problems.append(
                Problem(step.name, f"parameter_bindings.{name}", name, expected, nearest(name, child.inputs))
            )
    values: dict[str, Any] = {}
    for name, wanted in child.inputs.items():
        if name in given:
            values[name] = given[name]
        elif wanted.has_default:
            values[name] = wanted.default
        else:
            where = f"parameter_bindings.{name}"
            problems.append(Problem(step.name, where, None, "a selector or a value", f"Bind the inner input '{name}'."))
            values[name] = None
    return values


def _each(value: Any, change: Any) -> Any:
    """Change a value, or the items of a list or mapping: selectors lie no deeper."""
    if isinstance(value, Mapping):
        return {k: [change(v) for v in item] if _is_names(item) else change(item) for k, item in value.items()}
    if isinstance(value, list | tuple):
        return [change(item) for item in value]
    return change(value)


def _is_names(value: Any) -> bool:
    """A list of `$steps.name`, as the cases of a switch hold them."""
    return isinstance(value, list) and all(isinstance(v, str) and v.startswith("$steps.") for v in value)


class _Resolver:
    """References to inner workflows as references to what their outputs stand for."""

    def __init__(self, opened: Mapping[str, _Opened], problems: list[Problem]) -> None:
        self.opened, self.problems = opened, problems

    def fields(self, step: StepDef) -> dict[str, Any]:
        return {name: self._field(step.name, name, value) for name, value in step.fields.items()}

    def output(self, output: OutputDef, inputs: Mapping[str, InputDef]) -> OutputDef | None:
        value = self._value(f"output {output.name}", "selector", str(output.selector))
        selector = Selector.read(value)
        if selector is None and f"{output.selector.name}__{output.selector.output}" in inputs:
            selector = Selector("inputs", f"{output.selector.name}__{output.selector.output}")
        if selector is None and value is not None:
            expected = "one output of the inner workflow"
            self.problems.append(
                Problem(
                    f"output {output.name}", "selector", str(output.selector), expected, "Name its outputs one by one."
                )
            )
        return None if selector is None else replace(output, selector=selector)

    def _field(self, step: str, name: str, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [v for item in value for v in self._targets(step, name, item)]
        if isinstance(value, Mapping):
            return {
                k: [v for i in item for v in self._targets(step, name, i)]
                if _is_names(item)
                else self._value(step, f"{name}.{k}", item)
                for k, item in value.items()
            }
        found = self._targets(step, name, value)
        return found[0] if len(found) == 1 else found

    def _targets(self, step: str, name: str, value: Any) -> list[Any]:
        """To let an inner workflow run is to let all its steps run."""
        selector = Selector.read(value)
        if selector is not None and selector.root == "steps" and not selector.output and selector.name in self.opened:
            return [f"$steps.{inside}" for inside in self.opened[selector.name].steps]
        return [self._value(step, name, value)]

    def _value(self, step: str, name: str, value: Any) -> Any:
        selector = Selector.read(value)
        if selector is None or selector.root != "steps" or selector.name not in self.opened:
            return value
        outputs = self.opened[selector.name].outputs
        if selector.output == "*":
            return dict(outputs)
        if selector.output not in outputs:
            expected = f"an output of the inner workflow '{selector.name}'"
            self.problems.append(Problem(step, name, value, expected, nearest(selector.output, outputs)))
            return None
        return outputs[selector.output]
