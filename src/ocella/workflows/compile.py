"""From a definition to a workflow: every problem at once, kinds on every edge, levels of lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ocella.errors import InvalidWorkflow, NotFound
from ocella.workflows.block import Block, Slot, Spec
from ocella.workflows.catalog import find_block
from ocella.workflows.custom import custom_blocks
from ocella.workflows.definition import Definition, StepDef, read_definition
from ocella.workflows.inner import expand
from ocella.workflows.kinds import ANY, fits, given_kinds
from ocella.workflows.levels import place
from ocella.workflows.order import in_order
from ocella.workflows.problems import Problem, nearest
from ocella.workflows.selectors import Selector, is_selector
from ocella.workflows.workflow import ROOT, Binding, Constant, DictOf, Lineage, ListOf, Reference, Step, Workflow

__all__ = ["check_workflow", "compile_workflow"]


def compile_workflow(data: Any, blocks: Sequence[type[Block]] = ()) -> Workflow:
    """A definition (its JSON as Python values) ready to run, with further `blocks` beside the installed ones; raises
    InvalidWorkflow with all its problems.
    """
    workflow, problems = check_workflow(data, blocks)
    errors = [p for p in problems if p.severity == "error"]
    if errors or workflow is None:
        raise InvalidWorkflow(errors)
    return workflow


def check_workflow(data: Any, blocks: Sequence[type[Block]] = ()) -> tuple[Workflow | None, list[Problem]]:
    """The workflow, or None where it has errors, and all problems, warnings too."""
    definition, problems = read_definition(data)
    definition = expand(definition, problems)
    work = _Compiler(definition, problems, blocks)
    steps = work.steps()
    outputs = work.outputs()
    if any(p.severity == "error" for p in problems):
        return None, problems
    warnings = tuple(p for p in problems if p.severity == "warning")
    return Workflow(definition.inputs, tuple(steps), outputs, warnings, definition), problems


@dataclass
class _Draft:
    """A step whose block is known and whose fields are read, before its level is."""

    written: StepDef
    block: type[Block]
    spec: Spec
    constants: dict[str, Any] = field(default_factory=dict)
    raw: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, frozenset[str]] = field(default_factory=dict)
    targets: list[str] = field(default_factory=list)


class _Compiler:
    """One pass over one definition."""

    def __init__(self, definition: Definition, problems: list[Problem], blocks: Sequence[type[Block]]) -> None:
        self.definition, self.problems = definition, problems
        self.custom = {name: block for block in blocks for name in (block.type, block.family())}
        self.custom |= custom_blocks(definition.custom_blocks, problems)
        self.written = {step.name: step for step in definition.steps}
        self.drafts: dict[str, _Draft] = {}
        self.lineages: dict[str, Lineage] = {}
        self.done: dict[str, Step] = {}

    def steps(self) -> list[Step]:
        for written in self.definition.steps:
            draft = self._draft(written)
            if draft is not None:
                self.drafts[written.name] = draft
        gates = self._gates()
        needs = {name: self._needs(draft) | set(gates.get(name, ())) for name, draft in self.drafts.items()}
        order, cycles = in_order(needs)
        for cycle in cycles:
            self._refuse_cycle(cycle)
        for name in order:
            self._place(self.drafts[name], tuple(gates.get(name, ())))
        return list(self.done.values())

    def outputs(self) -> dict[str, tuple[Any, Reference]]:
        found = {}
        for output in self.definition.outputs:
            where = f"output {output.name}"
            reference = self._resolve(where, "selector", output.selector)
            if reference is not None:
                found[output.name] = (output, reference)
        return found

    def _refuse_cycle(self, cycle: list[str]) -> None:
        """Told at the field of the cycle's first step that takes from its last."""
        raw = self.drafts[cycle[0]].raw
        closing = [name for name, value in raw.items() if any(_takes(leaf, cycle[-1]) for leaf in _leaves(value))]
        drawn = " -> ".join([*cycle, cycle[0]])
        self._say(
            cycle[0], closing[0] if closing else "next_steps", drawn, "steps without a cycle", "Cut one of its edges."
        )

    def _draft(self, written: StepDef) -> _Draft | None:
        try:
            block, version = (self.custom[written.type], 0) if written.type in self.custom else find_block(written.type)
        except NotFound as error:
            _, _, suggestion = str(error).partition("'.")
            self._say(written.name, "type", written.type, "the type of a block", suggestion.strip() or str(error))
            self._refuse_unknown(written)
            return None
        fields = dict(written.fields)
        if written.type != block.type and written.type not in self.custom:
            fields = block.upgrade(fields, version)
        draft = _Draft(written, block, block.spec())
        for name, value in fields.items():
            slot = self._slot(draft, name)
            if slot is not None:
                self._take(draft, slot, value)
        self._refuse_missing(draft)
        for name, expected, suggestion in block.problems({**draft.raw, **draft.constants}):
            self._say(written.name, name, fields.get(name), expected, suggestion)
        draft.outputs = {name: given_kinds(a) for name, a in block.outputs({**draft.raw, **draft.constants}).items()}
        return draft

    def _refuse_unknown(self, written: StepDef) -> None:
        """Inputs and steps that a step of no known block names, and that are not there."""
        for name, value in written.fields.items():
            for selector in filter(None, map(Selector.read, _leaves(value))):
                known = self.definition.inputs if selector.root == "inputs" else self.written
                if selector.name not in known:
                    kind = "an input" if selector.root == "inputs" else "a step"
                    near = nearest(selector.name, known)
                    self._say(written.name, name, str(selector), f"{kind} of this workflow", near)

    def _slot(self, draft: _Draft, name: str) -> Slot | None:
        slots = draft.spec.slots
        if name in slots:
            return slots[name]
        if draft.block.synonyms.get(name) in slots:
            return slots[draft.block.synonyms[name]]
        if name not in draft.block.ignored:
            close = nearest(name, slots, " ")
            value = draft.written.fields.get(name)
            expected = "a field of " + draft.block.type
            if close.strip():
                self._say(draft.written.name, name, value, expected, close)
            else:
                say = f"It is ignored. Fields: {', '.join(slots)}."
                self.problems.append(Problem(draft.written.name, name, value, expected, say, "warning"))
        return None

    def _take(self, draft: _Draft, slot: Slot, value: Any) -> None:
        """Sort a field's value: names of steps, something with selectors, or a constant to check."""
        if slot.role == "targets":
            self._take_targets(draft, slot, value)
        elif _has_selector(value):
            draft.raw[slot.name] = value
        elif value is None and not slot.required:
            draft.constants[slot.name] = slot.default
        else:
            self._check(draft, slot, value)

    def _check(self, draft: _Draft, slot: Slot, value: Any) -> None:
        from pydantic import ValidationError

        try:
            draft.constants[slot.name] = slot.check(value)
        except ValidationError as error:
            seen = set()
            for fault in error.errors(include_url=False):
                where = ".".join(str(p) for p in (slot.name, *(p for p in fault["loc"] if isinstance(p, int))))
                expected = fault["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
                if where not in seen or len(error.errors()) < 3:
                    self._say(draft.written.name, where, fault["input"], expected, _how_to_write(slot))
                seen.add(where)

    def _take_targets(self, draft: _Draft, slot: Slot, value: Any) -> None:
        names = []
        groups = value.values() if isinstance(value, Mapping) else [value]
        items = [item for group in groups for item in ([group] if isinstance(group, str) else list(group or []))]
        for item in items:
            selector = Selector.read(item)
            if selector is None or selector.root != "steps" or selector.output:
                self._say(draft.written.name, slot.name, item, "$steps.name", "Name the step that is to run.")
            elif selector.name not in self.written:
                near = nearest(selector.name, self.written)
                self._say(draft.written.name, slot.name, item, "a step of this workflow", near)
            elif selector.name == draft.written.name:
                self._say(draft.written.name, slot.name, item, "another step", "A step cannot let itself run.")
            else:
                names.append(selector.name)
        plain = _names_only(value)
        draft.constants[slot.name] = plain
        draft.targets += names

    def _refuse_missing(self, draft: _Draft) -> None:
        faulty = {p.field.split(".")[0] for p in self.problems if p.step == draft.written.name}
        for name, slot in draft.spec.slots.items():
            if slot.required and name not in draft.constants and name not in draft.raw and name not in faulty:
                kinds = " or ".join(sorted(slot.kinds)[:4]) if slot.role == "argument" else "a value"
                self._say(draft.written.name, name, None, kinds, f"Give '{name}', which {draft.block.type} needs.")

    def _gates(self) -> dict[str, list[str]]:
        gates: dict[str, list[str]] = {}
        for name, draft in self.drafts.items():
            for target in draft.targets:
                if name in gates.get(target, []):
                    self._say(name, "next_steps", f"$steps.{target}", "each step once", "Name it in one branch only.")
                gates.setdefault(target, []).append(name)
        return gates

    def _needs(self, draft: _Draft) -> set[str]:
        found = [Selector.read(v) for value in draft.raw.values() for v in _leaves(value)]
        return {s.name for s in found if s is not None and s.root == "steps" and s.name in self.drafts}

    def _place(self, draft: _Draft, gates: tuple[str, ...]) -> None:
        """Bind what it takes, then find its level."""
        bindings: dict[str, Binding] = {}
        for name, value in draft.raw.items():
            binding = self._bind(draft, draft.spec.slots[name], name, value)
            if binding is not None:
                bindings[name] = binding
        name = draft.written.name
        base = place(draft.spec, bindings, {g: self.done[g].base for g in gates if g in self.done}, name, self.problems)
        lineage = (*base, name) if draft.spec.deeper else base
        constants = {n: v for n, v in draft.constants.items() if n not in bindings}
        self.done[name] = Step(
            name,
            draft.block,
            draft.spec,
            constants,
            bindings,
            base,
            lineage,
            draft.outputs,
            tuple(g for g in gates if g in self.done),
        )

    def _bind(self, draft: _Draft, slot: Slot, where: str, value: Any) -> Binding | None:
        if isinstance(value, list | tuple):
            parts = [self._bind(draft, replace(slot, annotation=Any), f"{where}[{i}]", v) for i, v in enumerate(value)]
            return ListOf(tuple(p for p in parts if p is not None))
        if isinstance(value, Mapping):
            inside = {k: self._bind(draft, replace(slot, annotation=Any), f"{where}.{k}", v) for k, v in value.items()}
            return DictOf({k: v for k, v in inside.items() if v is not None})
        if not is_selector(value):
            return Constant(value)
        name = draft.written.name
        selector = Selector.read(value)
        if selector is None:
            self._say(name, where, value, "$inputs.name or $steps.step.output", "Correct the selector.")
            return None
        reference = self._resolve(name, where, selector)
        if reference is not None and not fits(reference.kinds, slot.kinds):
            self._say(
                name, where, value, _kinds(slot.kinds), f"It gives {_kinds(reference.kinds)}. Connect another output."
            )
        return reference

    def _resolve(self, where: str, name: str, selector: Selector) -> Reference | None:
        if selector.root == "inputs":
            given = self.definition.inputs.get(selector.name)
            if given is None:
                self._say(
                    where,
                    name,
                    str(selector),
                    "an input of this workflow",
                    nearest(selector.name, self.definition.inputs),
                )
                return None
            deeper = tuple(f"$inputs.{given.name}.{i}" for i in range(1, given.depth))
            return Reference("$inputs", given.name, (*ROOT, *deeper) if given.depth else (), given.kinds)
        draft = self.drafts.get(selector.name)
        if draft is None:
            if selector.name not in self.written:
                self._say(where, name, str(selector), "a step of this workflow", nearest(selector.name, self.written))
            return None
        if selector.output == "*":
            return self._reference(selector, frozenset({"dictionary"}))
        if selector.output not in draft.outputs:
            known = ", ".join(draft.outputs) or "none"
            near = (
                nearest(selector.output, draft.outputs, f"It has: {known}.") if selector.output else f"It has: {known}."
            )
            self._say(where, name, str(selector), f"an output of step '{selector.name}'", near)
            return None
        return self._reference(selector, draft.outputs[selector.output])

    def _reference(self, selector: Selector, kinds: frozenset[str]) -> Reference | None:
        step = self.done.get(selector.name)  # missing only in a cycle, which is told once
        return None if step is None else Reference(selector.name, selector.output, step.lineage, kinds)

    def _say(self, step: str, name: str, value: Any, expected: str, suggestion: str) -> None:
        self.problems.append(Problem(step, name, value, expected, suggestion))


def _has_selector(value: Any) -> bool:
    return any(is_selector(v) for v in _leaves(value))


def _leaves(value: Any) -> list[Any]:
    """A value, or the items of a list or mapping: selectors lie no deeper."""
    if isinstance(value, Mapping):
        return list(value.values())
    return list(value) if isinstance(value, list | tuple) else [value]


def _takes(leaf: Any, step: str) -> bool:
    selector = Selector.read(leaf)
    return selector is not None and (selector.root, selector.name) == ("steps", step)


def _names_only(value: Any) -> Any:
    """Targets as written, each `$steps.name` as the name."""
    if isinstance(value, Mapping):
        return {k: _names_only(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_names_only(v) for v in value]
    selector = Selector.read(value)
    return selector.name if selector is not None else value


def _kinds(kinds: frozenset[str]) -> str:
    names = sorted(kinds - {ANY}) or [ANY]
    return " or ".join(names[:3]) + (f" ({len(names) - 3} more)" if len(names) > 3 else "")


def _how_to_write(slot: Slot) -> str:
    default = "" if slot.required else f" The default is {slot.default!r}."
    return f"Correct '{slot.name}'.{default}"
