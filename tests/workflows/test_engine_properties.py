"""Random workflows: nesting, gates, missing values, failures and batches, against an interpreter that does one at a time."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.workflows.arithmetic import BLOCKS
from tests.workflows.interpreter import Naive

from ocella.workflows.compile import compile_workflow
from ocella.workflows.run import Session

Level = tuple[str, ...]
OUTPUTS = {"add": ["sum"], "half": ["half"], "both": ["double", "negative"], "fan": ["parts"], "total": ["total"]} | {
    "total_with": ["total"],
    "first": ["first"],
    "gate": [],
}


@st.composite
def workflows(draw: Any) -> dict[str, Any]:
    """Steps that take values of one level each, at most three fans deep; gates let later steps of their level run."""
    values: list[tuple[str, Level | None]] = [("$inputs.x", ()), ("$inputs.y", ()), ("$inputs.k", None)]
    steps: list[dict[str, Any]] = []
    gates: list[tuple[dict[str, Any], Level | None]] = []
    for number in range(draw(st.integers(1, 12))):
        kind = draw(st.sampled_from(sorted(OUTPUTS)))
        name = f"{kind}{number}"
        deep = [v for v in values if v[1]]
        if kind in ("total", "total_with") and not deep:
            continue
        if kind in ("total", "total_with"):
            text, level = draw(st.sampled_from(deep))
            assert level
            base: Level | None = level[:-1]
            step: dict[str, Any] = {"parts": text}
            if kind == "total_with":
                step["base"] = draw(st.sampled_from(fitting(values, base)))
        else:
            candidates = [v for v in values if v[1] is not None] if kind == "fan" else values
            text, base = draw(
                st.sampled_from([v for v in candidates if len(v[1] or ()) < 3] if kind == "fan" else candidates)
            )
            step = {"a": text}
            if kind == "add":
                step |= {"b": draw(st.sampled_from([*fitting(values, base), 3])), "plus": draw(st.integers(-3, 3))}
            if kind == "first":
                step = {"data": [text, *draw(st.lists(st.sampled_from([*fitting(values, base), 5]), max_size=2))]}
            if kind == "gate":
                step |= {"of": draw(st.integers(1, 3)), "next_steps": []}
        open_gates = [g for g, level in gates if level is None or (base is not None and base[: len(level)] == level)]
        if open_gates and draw(st.integers(0, 1)):
            draw(st.sampled_from(open_gates))["next_steps"].append(f"$steps.{name}")
        steps.append({"type": kind, "name": name, **step})
        if kind == "gate":
            gates.append((steps[-1], base))
        level = (*(base or ()), name) if kind == "fan" else base
        values += [(f"$steps.{name}.{output}", level) for output in OUTPUTS[kind]]
    inputs = [
        {"type": "WorkflowBatchInput", "name": "x", "kind": ["integer"]},
        {"type": "WorkflowBatchInput", "name": "y", "kind": ["integer"]},
        {"type": "WorkflowParameter", "name": "k", "kind": ["integer"]},
    ]
    outputs = [{"type": "JsonField", "name": f"o{i}", "selector": text} for i, (text, _) in enumerate(values)]
    return {"inputs": inputs, "steps": draw(st.permutations(steps)), "outputs": outputs}


def fitting(values: list[tuple[str, Level | None]], base: Level | None) -> list[str]:
    """Values that go with a level: of the same, or one for all."""
    return [text for text, level in values if level in (base, None)]


numbers = st.integers(-20, 40)
batches = st.integers(0, 7).flatmap(
    lambda n: st.tuples(st.lists(numbers, min_size=n, max_size=n), st.lists(numbers, min_size=n, max_size=n))
)


@pytest.mark.parametrize("workers", [0, 2])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(definition=workflows(), batch=batches, k=numbers)
def test_a_run_is_what_one_element_at_a_time_gives(
    workers: int, definition: dict[str, Any], batch: tuple[list[int], list[int]], k: int
) -> None:
    inputs = {"x": batch[0], "y": batch[1], "k": k}
    naive = Naive(definition, inputs, len(batch[0]))
    with Session(compile_workflow(definition, BLOCKS), workers=workers, remember=True) as session:
        for _ in range(2):  # the second answers from memory what did not change
            result = session.run(inputs)
            assert list(result.rows) == naive.rows
            assert {(f.step, f.path) for f in result.failures} == naive.failed
