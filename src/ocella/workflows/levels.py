"""On which level of lists a step runs."""

from collections.abc import Mapping

from ocella.workflows.block import Slot, Spec
from ocella.workflows.problems import Problem
from ocella.workflows.workflow import Binding, Lineage, references

__all__ = ["place"]


def place(
    spec: Spec, bindings: Mapping[str, Binding], gates: Mapping[str, Lineage], step: str, problems: list[Problem]
) -> Lineage:
    """The lineage of the elements that a step runs on; where inputs or gates do not go together, a problem is told."""
    found: dict[str, Lineage] = {}
    for name, binding in bindings.items():
        for reference in references(binding):
            lineage = _own_level(
                spec.slots[name], reference.lineage, name, f"{reference.node}.{reference.name}", step, problems
            )
            if lineage is not None:
                found.setdefault(name, lineage)
                if found[name] != lineage:
                    found[f"{name} ({reference.name})"] = lineage
    base: Lineage = next(iter(found.values()), ())
    if len(set(found.values())) > 1:
        said = ", ".join(
            f"{name} at depth {len(lineage)} (of {' > '.join(lineage)})" for name, lineage in found.items()
        )
        problems.append(
            Problem(
                step,
                ", ".join(found),
                said,
                "inputs of one level, made by the same steps",
                "Collapse the deeper one (dimension_collapse), or take values of the same crops.",
            )
        )
    for gate, lineage in gates.items():
        if not found and len(lineage) > len(base):
            base = lineage  # a step of constants runs once an element that the gate lets through
        elif base[: len(lineage)] != lineage:
            at, own = (" > ".join(x) or "depth 0" for x in (lineage, base))
            expected = f"a step that runs at {at} or below, which '{step}' at {own} does not"
            say = "It would never run: decide on a value of its own level."
            problems.append(Problem(gate, "next_steps", f"$steps.{step}", expected, say))
    return base


def _own_level(
    slot: Slot, lineage: Lineage, name: str, origin: str, step: str, problems: list[Problem]
) -> Lineage | None:
    """The step's level as one input has it; None for one value for all."""
    if not slot.many:
        return lineage or None
    if len(lineage) < 2:
        problems.append(
            Problem(
                step,
                name,
                f"{origin} at depth {len(lineage)}",
                "values nested at least two deep, as crops are",
                "There is no list to collapse: take the value itself.",
            )
        )
        return None
    return lineage[:-1]
