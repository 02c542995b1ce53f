"""The values of one run: for every input and output a flat list, and how levels of lists nest."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ocella.workflows.workflow import Binding, Constant, DictOf, Lineage, ListOf, Reference

__all__ = ["Columns", "Level"]


@dataclass(frozen=True)
class Level:
    """How the elements of one lineage lie within those of the level above: the children of parent p are
    `starts[p]:starts[p + 1]`; `parents` is the other way round; parents in `absent` have no list at all.
    """

    size: int
    parents: Sequence[int] = ()
    starts: Sequence[int] = (0,)
    absent: frozenset[int] = frozenset()

    @classmethod
    def of(cls, lists: Sequence[Sequence[Any] | None]) -> "Level":
        """From one list a parent, None where it has none."""
        starts, parents = [0], []
        for parent, items in enumerate(lists):
            count = 0 if items is None else len(items)
            parents += [parent] * count
            starts.append(starts[-1] + count)
        return cls(starts[-1], parents, starts, frozenset(i for i, items in enumerate(lists) if items is None))


_SINGLE = Level(1)


@dataclass
class Columns:
    """Values by (node, output) as flat lists along their lineage; None is a missing one. `chosen` holds for each element
    of a flow-control step the steps that it lets run.
    """

    values: dict[tuple[str, str], list[Any]] = field(default_factory=dict)
    levels: dict[Lineage, Level] = field(default_factory=lambda: {(): _SINGLE})
    chosen: dict[str, tuple[Lineage, list[Sequence[str]]]] = field(default_factory=dict)

    def column(self, binding: Binding, base: Lineage, *, many: bool = False, gaps: bool = False) -> list[Any]:
        """One value an element of `base`, or with `many` the list of those below it; missing ones are left out, or with
        `gaps` stay in their place as None.
        """
        if isinstance(binding, Constant):
            return [binding.value] * self.levels[base].size
        if isinstance(binding, Reference):
            return self._reference(binding, base, many=many, gaps=gaps)
        if isinstance(binding, ListOf):
            return _together([self.column(p, base, many=many, gaps=gaps) for p in binding.parts], list)
        names = list(binding.parts)
        parts = [self.column(p, base, many=many, gaps=gaps) for p in binding.parts.values()]
        return _together(parts, lambda values: dict(zip(names, values, strict=True)))

    def holes(self, binding: Binding, column: list[Any], base: Lineage) -> list[bool] | None:
        """Where a value is missing in a column, or one of the parts it was put together from; None where none is."""
        if isinstance(binding, Constant):
            return None
        if isinstance(binding, Reference):
            if not binding.lineage and binding.node == "$inputs":
                return None  # None may be what was given
            found = [value is None for value in column]
            return found if True in found else None
        parts = list(binding.parts.values() if isinstance(binding, DictOf) else binding.parts)
        masks = [self.holes(p, self.column(p, base), base) for p in parts]
        some = [m for m in masks if m is not None]
        return [any(m[i] for m in some) for i in range(len(column))] if some else None

    def allows(self, gate: str, step: str, base: Lineage) -> list[bool]:
        """For each element of `base` whether a flow-control step lets the step run."""
        lineage, chosen = self.chosen[gate]
        flags: list[Any] = [step in names for names in chosen]
        return self.spread(flags, lineage, base)

    def spread(self, column: list[Any], lineage: Lineage, base: Lineage) -> list[Any]:
        """Values of a level above, repeated for everything below them."""
        if lineage == base:
            return column
        if not lineage:
            return column * self.levels[base].size
        for depth in range(len(lineage) + 1, len(base) + 1):
            column = [column[parent] for parent in self.levels[base[:depth]].parents]
        return column

    def nested(self, column: list[Any], lineage: Lineage, above: int) -> list[Any]:
        """The column as lists within lists, down from depth `above`; a parent without a list gives an empty one."""
        for depth in range(len(lineage), above, -1):
            level = self.levels[lineage[:depth]]
            column = [column[a:b] for a, b in zip(level.starts, level.starts[1:], strict=False)]
        return column

    def _reference(self, reference: Reference, base: Lineage, *, many: bool, gaps: bool) -> list[Any]:
        column = self.values[reference.key]
        lineage = reference.lineage
        if many and lineage:
            level = self.levels[lineage]
            if not gaps and any(value is None for value in column):
                ends = zip(level.starts, level.starts[1:], strict=False)
                column = [[v for v in column[a:b] if v is not None] for a, b in ends]
            else:
                column = [column[a:b] for a, b in zip(level.starts, level.starts[1:], strict=False)]
            return [None if i in level.absent else v for i, v in enumerate(column)] if level.absent else column
        return self.spread(column, lineage, base)


def _together(parts: list[list[Any]], make: Any) -> list[Any]:
    return [make(values) for values in zip(*parts, strict=True)]
