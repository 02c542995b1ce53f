"""A compiled workflow: what runs, in which order, on what, and how deep."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ocella.workflows.block import Block, Spec
from ocella.workflows.definition import Definition, InputDef, OutputDef
from ocella.workflows.problems import Problem

__all__ = ["Binding", "Constant", "DictOf", "Lineage", "ListOf", "Reference", "Step", "Workflow"]

Lineage = tuple[str, ...]
"""What made each level of lists that a value lies in: () for one value for all, ('$inputs',) for one an input image."""
ROOT: Lineage = ("$inputs",)


@dataclass(frozen=True)
class Constant:
    """A value of the definition."""

    value: Any


@dataclass(frozen=True)
class Reference:
    """An input (`$inputs`, name), an output of a step (step, output), or all of them (step, `*`)."""

    node: str
    name: str
    lineage: Lineage
    kinds: frozenset[str]

    @property
    def key(self) -> tuple[str, str]:
        """Where its values are kept."""
        return self.node, self.name


@dataclass(frozen=True)
class ListOf:
    """A list of the definition with references among its items."""

    parts: tuple["Binding", ...]


@dataclass(frozen=True)
class DictOf:
    """A mapping of the definition with references among its values."""

    parts: Mapping[str, "Binding"]


Binding = Constant | Reference | ListOf | DictOf


@dataclass(frozen=True)
class Step:
    """One step ready to run: its block, constants (checked), what else it takes, on which level it runs (`base`), on which
    its outputs lie (`lineage`), and the flow-control steps that let it run.
    """

    name: str
    block: type[Block]
    spec: Spec
    constants: Mapping[str, Any]
    bindings: Mapping[str, Binding]
    base: Lineage
    lineage: Lineage
    outputs: Mapping[str, frozenset[str]]
    gates: tuple[str, ...] = ()

    def references(self) -> Iterator[Reference]:
        """Everything it takes from elsewhere."""
        for binding in self.bindings.values():
            yield from references(binding)

    def needs(self) -> set[str]:
        """Steps that must have run before."""
        return {r.node for r in self.references() if r.node != "$inputs"} | set(self.gates)


def references(binding: Binding) -> Iterator[Reference]:
    """The references in a binding."""
    if isinstance(binding, Reference):
        yield binding
    elif isinstance(binding, ListOf):
        for part in binding.parts:
            yield from references(part)
    elif isinstance(binding, DictOf):
        for part in binding.parts.values():
            yield from references(part)


@dataclass(frozen=True)
class Workflow:
    """A definition that can run: steps in an order in which each has what it needs. `warnings` are what was ignored."""

    inputs: Mapping[str, InputDef]
    steps: tuple[Step, ...]
    outputs: Mapping[str, tuple[OutputDef, Reference]]
    warnings: tuple[Problem, ...]
    definition: Definition = field(compare=False)

    def to_json(self) -> dict[str, Any]:
        """The graph: inputs, steps and outputs with kinds, depth and lineage."""
        return {
            "inputs": [
                {
                    "name": i.name,
                    "kinds": sorted(i.kinds),
                    "depth": i.depth,
                    "required": i.depth > 0 or not i.has_default,
                }
                for i in self.inputs.values()
            ],
            "steps": [
                {
                    "name": s.name,
                    "type": s.block.type,
                    "depth": len(s.base),
                    "takes": {n: [f"{r.node}.{r.name}" for r in references(b)] for n, b in s.bindings.items()},
                    "gives": {n: {"kinds": sorted(k), "lineage": list(s.lineage)} for n, k in s.outputs.items()},
                    "let_run_by": list(s.gates),
                }
                for s in self.steps
            ],
            "outputs": [
                {"name": n, "from": f"{r.node}.{r.name}", "kinds": sorted(r.kinds), "depth": len(r.lineage)}
                for n, (_, r) in self.outputs.items()
            ],
            "warnings": [w.to_json() for w in self.warnings],
        }

    def describe(self) -> str:
        """The graph as lines of text."""
        data = self.to_json()
        lines = [f"input  {i['name']}: {' or '.join(i['kinds'])}, depth {i['depth']}" for i in data["inputs"]]
        for step in data["steps"]:
            lines.append(f"step   {step['name']} ({step['type']}), depth {step['depth']}")
            lines += [f"         {name} <- {', '.join(refs)}" for name, refs in step["takes"].items()]
            lines += [f"         runs where {gate} lets it" for gate in step["let_run_by"]]
            lines += [
                f"         -> {n}: {_kinds(g['kinds'])}, depth {len(g['lineage'])}" for n, g in step["gives"].items()
            ]
        lines += [
            f"output {o['name']} <- {o['from']}: {_kinds(o['kinds'])}, depth {o['depth']}" for o in data["outputs"]
        ]
        return "\n".join(lines)


def _kinds(kinds: list[str]) -> str:
    return " or ".join(kinds) if len(kinds) <= 3 else f"{kinds[0]} or {len(kinds) - 1} more"
