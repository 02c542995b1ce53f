"""Running a workflow: a session keeps the state of its steps from run to run."""

import threading
import time
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Any, Literal, Self

from ocella.errors import Cancelled, InvalidValue
from ocella.types import Detections
from ocella.workflows.columns import Columns
from ocella.workflows.intake import take_in
from ocella.workflows.plan import Plan
from ocella.workflows.result import Failure, Result, StepTrace
from ocella.workflows.rows import rows_of
from ocella.workflows.services import Services
from ocella.workflows.workflow import Step, Workflow

__all__ = ["OnError", "Session", "run_workflow"]

OnError = Literal["isolate", "fail"]
"""isolate: an element that fails is left out and told; fail: the run ends with its error."""


def run_workflow(
    workflow: Workflow, inputs: Mapping[str, Any], *, services: Services | None = None, on_error: OnError = "isolate"
) -> Result:
    """One run without a past: counters and trackers start anew."""
    with Session(workflow, services, on_error=on_error) as session:
        return session.run(inputs)


class Session:
    """One workflow with the state of its steps: trackers, counters, buffers. Not for two threads at once. With `workers`
    steps that wait for models or networks run side by side; with `remember` a step whose inputs are those of the last run is
    not run again (a step with state always is).
    """

    def __init__(
        self,
        workflow: Workflow,
        services: Services | None = None,
        *,
        on_error: OnError = "isolate",
        workers: int = 0,
        remember: bool = False,
    ) -> None:
        if on_error not in ("isolate", "fail"):
            raise InvalidValue(f"on_error must be 'isolate' or 'fail', got {on_error!r}.")
        self.workflow, self.on_error, self.remember = workflow, on_error, remember
        self.services = replace(services or Services(), shared={})  # what steps share, they share within a session
        self._workers = ThreadPoolExecutor(workers, "workflow") if workers > 0 else None
        self._plans: list[Plan] = []
        self._inputs: dict[tuple[str, str], list[Any]] = {}
        try:
            self.update(workflow)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def update(self, workflow: Workflow) -> None:
        """Go on with a changed workflow: steps that stayed as they were keep their state, and what they remember."""
        kept = {plan.step.name: plan for plan in self._plans}
        used = _used(workflow)
        plans: list[Plan] = []
        for step in workflow.steps:
            old = kept.get(step.name)
            if old is not None and _is_same(old.step, step):
                old.use(used.get(step.name, set()))
                plans.append(kept.pop(step.name))
            else:
                plans.append(Plan(step, self.services, used.get(step.name, set())))
        for gone in kept.values():
            gone.block.close()
        self.workflow, self._plans = workflow, plans

    def close(self) -> None:
        """End the session: steps give back what they hold."""
        for plan in self._plans:
            plan.block.close()
        self._plans = []
        if self._workers is not None:
            self._workers.shutdown(wait=True, cancel_futures=True)

    def run(self, inputs: Mapping[str, Any], *, cancel: threading.Event | None = None, explain: bool = False) -> Result:
        """One run over one batch. Raises InvalidValue for wrong inputs, StepFailed with on_error "fail", Cancelled."""
        columns = take_in(self.workflow.inputs, inputs, self.services)
        if self.remember:
            self._recall(columns)
        pass_ = _Pass(self, columns, cancel, explain=explain)
        if self._workers is None:
            for plan in self._plans:
                pass_.run(plan)
        else:
            _side_by_side(self._plans, pass_, self._workers)
        rows = rows_of(self.workflow, columns)
        return Result(rows, tuple(pass_.failures), pass_.traces)

    def _recall(self, columns: Columns) -> None:
        """Inputs that equal the last ones become the same objects, so that steps see that nothing changed."""
        for key, column in columns.values.items():
            old = self._inputs.get(key, [])
            if len(old) == len(column):
                columns.values[key] = [o if _equal(o, v) else v for o, v in zip(old, column, strict=True)]
        self._inputs = dict(columns.values)


class _Pass:
    """What one run needs while it lasts."""

    def __init__(self, session: Session, columns: Columns, cancel: threading.Event | None, *, explain: bool) -> None:
        self.columns, self.cancel, self.explain = columns, cancel, explain
        self.strict, self.remember = session.on_error == "fail", session.remember
        self.failures: list[Failure] = []
        self.traces: dict[str, StepTrace] = {}
        self._began = time.perf_counter()

    def run(self, plan: Plan) -> None:
        """One step."""
        if self.cancel is not None and self.cancel.is_set():
            raise Cancelled(f"The run was cancelled before step '{plan.step.name}'.")
        began = time.perf_counter()
        remembered = plan.execute(self.columns, self.failures, self.cancel, strict=self.strict, remember=self.remember)
        if self.explain:
            step = plan.step
            slots = step.spec.slots
            inputs = {
                n: self.columns.column(b, step.base, many=slots[n].many, gaps=slots[n].gaps)
                for n, b in step.bindings.items()
            }
            inputs |= {n: [v] for n, v in step.constants.items()}
            outputs = {
                n: self.columns.values[step.name, n] for n in step.outputs if (step.name, n) in self.columns.values
            }
            self.traces[step.name] = StepTrace(
                step.name,
                began - self._began,
                time.perf_counter() - began,
                self.columns.levels[step.base].size,
                inputs,
                outputs,
                threading.get_ident(),
                remembered,
            )


def _side_by_side(plans: list[Plan], pass_: _Pass, workers: ThreadPoolExecutor) -> None:
    """Each step as soon as what it needs is there; quick ones in this thread."""
    waiting = {plan.step.name: set(plan.step.needs()) for plan in plans}
    by_name = {plan.step.name: plan for plan in plans}
    running: dict[Future[None], str] = {}
    try:
        while waiting or running:
            ready = [name for name, needs in waiting.items() if not needs]
            quick = [name for name in ready if not by_name[name].block.slow]
            for name in ready:
                if by_name[name].block.slow:
                    del waiting[name]
                    running[workers.submit(pass_.run, by_name[name])] = name
            ended = quick[:1]
            if ended:
                del waiting[ended[0]]
                pass_.run(by_name[ended[0]])
            elif running:
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    ended.append(running.pop(future))
                    future.result()
            for needs in waiting.values():
                needs.difference_update(ended)
    finally:
        if running:
            wait(running)


def _used(workflow: Workflow) -> dict[str, set[str]]:
    """Outputs of each step that something takes; `*` for all."""
    used: dict[str, set[str]] = {}
    for reference in [r for s in workflow.steps for r in s.references()] + [r for _, r in workflow.outputs.values()]:
        used.setdefault(reference.node, set()).add(reference.name)
    return used


def _is_same(old: Step, new: Step) -> bool:
    def facts(step: Step) -> tuple[Any, ...]:
        return step.block, step.bindings, step.base, step.gates

    return facts(old) == facts(new) and _equal(dict(old.constants), dict(new.constants))


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, Detections) != isinstance(b, Detections):
        return False
    try:
        return a is b or bool(a == b)
    except ValueError:  # arrays say it for each number
        return False
