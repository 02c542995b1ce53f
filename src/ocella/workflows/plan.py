"""One step made ready: how its arguments are gathered, its block called, and what comes out spread."""

import threading
from collections.abc import Sequence
from typing import Any

from ocella.errors import Cancelled, CodeFailed, InvalidValue, StepFailed
from ocella.workflows.block import Block
from ocella.workflows.columns import Columns, Level
from ocella.workflows.kinds import ANY
from ocella.workflows.problems import short
from ocella.workflows.result import Failure
from ocella.workflows.services import Services
from ocella.workflows.workflow import Binding, Constant, Lineage, Reference, Step, references

__all__ = ["Plan"]


class Plan:
    """A step of one session with its block."""

    def __init__(self, step: Step, services: Services, used: set[str]) -> None:
        self.step = step
        block = step.block()
        block.services, block.step = services, step.name
        block.varying = frozenset(n for n, b in step.bindings.items() if any(r.lineage for r in references(b)))
        for name, value in step.constants.items():
            if step.spec.slots[name].role != "argument":
                setattr(block, name, value)
        block.setup()
        self.block: Block = block
        self.use(used)
        slots = step.spec.arguments
        self._arguments = [(slot, self._binding(slot.name, slot.default)) for slot in slots]
        self._fields = [(step.spec.slots[n], b) for n, b in step.bindings.items() if step.spec.slots[n].role == "field"]
        self._memory: tuple[list[Any], list[Any]] | None = None

    def use(self, outputs: set[str]) -> None:
        """Say which outputs something takes; `*` for all."""
        self._star = "*" in outputs
        self._outputs = [n for n in self.step.outputs if self._star or n in outputs]
        self.block.wanted = frozenset(self._outputs)

    def _binding(self, name: str, default: Any) -> Binding:
        if name in self.step.bindings:
            return self.step.bindings[name]
        return Constant(self.step.constants.get(name, default))

    def execute(
        self,
        columns: Columns,
        failures: list[Failure],
        cancel: threading.Event | None,
        *,
        strict: bool,
        remember: bool,
    ) -> bool:
        """Run over every element; True where nothing had changed and the last outcome stands."""
        step, base = self.step, self.step.base
        taken = [
            self._checked(slot, binding, columns.column(binding, base, many=slot.many, gaps=slot.gaps), columns)
            for slot, binding in self._arguments
        ]
        fields = [self._checked(slot, b, columns.column(b, base), columns) for slot, b in self._fields]
        runs = self._runs(columns, taken, fields)
        basis = [*taken, *fields, runs or []]
        if remember and not step.block.stateful and self._memory is not None and _unchanged(self._memory[0], basis):
            self._put(columns, self._memory[1])
            return True
        call = _Call(self, columns, failures, cancel, strict=strict)
        results = call.batch(taken, fields, runs) if step.spec.batch else call.each(taken, fields, runs)
        self._memory = (basis, results) if remember and not call.failed else None
        self._put(columns, results)
        return False

    def set_fields(self, fields: Sequence[list[Any]], element: int) -> None:
        """Give the block the fields that come from elsewhere, as they are for one element."""
        for (slot, _), column in zip(self._fields, fields, strict=True):
            setattr(self.block, slot.name, column[element])

    def set_single_fields(self, fields: Sequence[list[Any]]) -> bool:
        """Give the block its fields once where they are the same for all; False where they are not."""
        for (slot, binding), column in zip(self._fields, fields, strict=True):
            if not isinstance(binding, Reference) or binding.lineage:
                return False
            setattr(self.block, slot.name, column[0] if column else slot.default)
        return True

    def _checked(self, slot: Any, binding: Binding, column: list[Any], columns: Columns) -> list[Any]:
        """Values whose kind nobody knew before the run, checked against what the block takes."""
        if not isinstance(binding, Reference):
            return column
        unsure = ANY in binding.kinds and ANY not in slot.kinds
        if not (unsure or slot.role == "field" or (binding.node == "$inputs" and not binding.lineage)):
            return column
        if slot.annotation is Any or slot.many:
            return column
        if not binding.lineage:  # one value for all
            value = columns.values[binding.key][0]
            return column if value is None and binding.node != "$inputs" else [self._check(slot, value)] * len(column)
        return [v if v is None else self._check(slot, v) for v in column]

    def _check(self, slot: Any, value: Any) -> Any:
        from pydantic import ValidationError

        if value is None and not slot.required:
            return slot.default
        try:
            return slot.check(value)
        except ValidationError as error:
            fault = error.errors(include_url=False)[0]
            raise InvalidValue(
                f"Step '{self.step.name}': '{slot.name}' expected {fault['msg'].removeprefix('Input should be ')}, got "
                f"{short(value)}."
            ) from error

    def _runs(self, columns: Columns, taken: list[list[Any]], fields: list[list[Any]]) -> list[bool] | None:
        """For each element whether the step runs; None where it runs on all."""
        step, base = self.step, self.step.base
        masks = [columns.allows(gate, step.name, base) for gate in step.gates]
        if not step.block.accepts_missing:
            bound = [*zip(self._arguments, taken, strict=True), *zip(self._fields, fields, strict=True)]
            for (_, binding), column in bound:
                missing = columns.holes(binding, column, base)
                if missing is not None:
                    masks.append([not m for m in missing])
        elif any(slot.many for slot, _ in self._arguments):
            masks += [
                [v is not None for v in column]
                for (slot, _), column in zip(self._arguments, taken, strict=True)
                if slot.many
            ]
        return [all(flags) for flags in zip(*masks, strict=True)] if masks else None

    def _put(self, columns: Columns, results: list[Any]) -> None:
        """Outputs as columns; a result of None is missing in all of them."""
        step, name = self.step, self.step.name
        if step.spec.form == "flow":
            columns.chosen[name] = step.base, [() if r is None else r for r in results]
            return
        if step.spec.deeper:
            columns.levels[step.lineage] = Level.of(results)
            results = [item for items in results if items is not None for item in items]
        names = self._outputs
        for output in names:
            columns.values[name, output] = _output(step.spec.form, output, list(step.outputs).index(output), results)
        if self._star:
            all_of = zip(*(columns.values[name, n] for n in names), strict=True)
            whole = [dict(zip(names, values, strict=True)) for values in all_of]
            columns.values[name, "*"] = [None if r is None else w for r, w in zip(results, whole, strict=True)]


def _output(form: str, name: str, place: int, results: list[Any]) -> list[Any]:
    if form == "bare":
        return results
    if form == "tuple":
        return [None if r is None else r[place] for r in results]
    return [None if r is None else r.get(name) for r in results]


class _Call:
    """The calls of one step in one run."""

    def __init__(
        self, plan: Plan, columns: Columns, failures: list[Failure], cancel: threading.Event | None, *, strict: bool
    ) -> None:
        self.plan, self.columns, self.failures, self.cancel, self.strict = plan, columns, failures, cancel, strict
        self.failed = False

    def each(self, taken: list[list[Any]], fields: list[list[Any]], runs: list[bool] | None) -> list[Any]:
        """One call an element."""
        plan, run, cancel = self.plan, self.plan.block.run, self.cancel
        size = self.columns.levels[plan.step.base].size
        varying = bool(fields) and not plan.set_single_fields(fields)
        results: list[Any] = []
        rows: Any = zip(*taken, strict=True) if taken else [()] * size
        for element, arguments in enumerate(rows):
            if runs is not None and not runs[element]:
                results.append(None)
                continue
            if varying:
                plan.set_fields(fields, element)
            if cancel is not None and cancel.is_set():
                raise Cancelled(f"The run was cancelled in step '{plan.step.name}'.")
            try:
                results.append(run(*arguments))
            except Cancelled:
                raise
            except Exception as error:  # noqa: BLE001  # a block may raise anything; it is told with step and element
                self._fail(element, error)
                results.append(None)
        return results

    def batch(self, taken: list[list[Any]], fields: list[list[Any]], runs: list[bool] | None) -> list[Any]:
        """One call for all elements; where that fails, one each, to find those that fail."""
        size = self.columns.levels[self.plan.step.base].size
        present = [i for i in range(size) if runs is None or runs[i]]
        results: list[Any] = [None] * size
        varying = bool(fields) and not self.plan.set_single_fields(fields)
        groups = [[i] for i in present] if varying else [present] if present else []
        for group in groups:
            if varying:
                self.plan.set_fields(fields, group[0])
            for element, result in zip(group, self._group(taken, group), strict=True):
                results[element] = result
        return results

    def _group(self, taken: list[list[Any]], group: list[int]) -> list[Any]:
        if self.cancel is not None and self.cancel.is_set():
            raise Cancelled(f"The run was cancelled in step '{self.plan.step.name}'.")
        try:
            found = list(self.plan.block.run(*([column[i] for i in group] for column in taken)))
            if len(found) != len(group):
                raise InvalidValue(f"must give one result for each of {len(group)} elements, got {len(found)}.")  # noqa: TRY301
        except Cancelled:
            raise
        except Exception as error:  # noqa: BLE001  # as above
            if len(group) == 1 or isinstance(error, CodeFailed):  # each try may cost custom code its whole time
                for i in group:
                    self._fail(i, error)
                return [None] * len(group)
            return [result for i in group for result in self._group(taken, [i])]
        return found

    def _fail(self, element: int, error: Exception) -> None:
        step = self.plan.step
        path = _path(self.columns, step.base, element)
        self.failed = True
        if self.strict:
            raise StepFailed(step.name, path, error) from error
        self.failures.append(Failure(step.name, path, error))


def _path(columns: Columns, lineage: Lineage, element: int) -> tuple[int, ...]:
    """Indices of an element from the top level down."""
    path: list[int] = []
    for depth in range(len(lineage), 0, -1):
        level = columns.levels[lineage[:depth]]
        if not level.parents or depth == 1:
            path.append(element)
            break
        parent = level.parents[element]
        path.append(element - level.starts[parent])
        element = parent
    return tuple(reversed(path))


def _unchanged(before: list[Any], now: list[Any]) -> bool:
    def same(a: Any, b: Any) -> bool:
        if isinstance(a, list) and isinstance(b, list):
            return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
        return a is b or (isinstance(a, str | int | float | bool) and type(a) is type(b) and a == b)

    return len(before) == len(now) and all(same(a, b) for a, b in zip(before, now, strict=True))
