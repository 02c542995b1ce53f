from typing import Any

import pytest

from ocella.errors import InvalidWorkflow, NotFound, Refused, StepFailed
from ocella.workflows.compile import compile_workflow
from ocella.workflows.run import run_workflow


def gate(block: str = "licence_gate", **fields: Any) -> Any:
    definition = {
        "inputs": [{"type": "WorkflowParameter", "name": "model"}],
        "steps": [{"type": block, "name": "gate", "model_id": "$inputs.model", **fields}],
        "outputs": [{"type": "JsonField", "name": "all", "selector": "$steps.gate.*"}],
    }
    workflow = compile_workflow(definition)
    return lambda model: run_workflow(workflow, {"model": model}, on_error="fail")[0]["all"]


def test_a_free_model_passes_and_says_its_licences() -> None:
    said = gate()("nanodet-g")
    assert said["allowed"] is True
    assert "Apache-2.0" in said["reason"]


@pytest.mark.parametrize("model", ["depth-anything-v2-large", "nanodet-g + depth-anything-v2-large"])
def test_a_forbidden_use_is_flagged_with_the_clause(model: str) -> None:
    said = gate("license_gate@v1")(model)
    assert said["allowed"] is False
    assert "CC-BY-NC-4.0" in said["reason"]


def test_research_may_use_it() -> None:
    assert gate(use="research")("depth-anything-v2-large")["allowed"] is True


def test_refuse_stops_the_step() -> None:
    with pytest.raises(StepFailed) as caught:
        gate(on_forbidden="refuse")("depth-anything-v2-large")
    assert isinstance(caught.value.cause, Refused)
    assert gate(on_forbidden="refuse")("nanodet-g")["allowed"] is True


def test_an_unknown_model_is_told() -> None:
    with pytest.raises(StepFailed) as caught:
        gate()("nanodet-gg")
    assert isinstance(caught.value.cause, NotFound)


def test_a_wrong_use_is_told() -> None:
    with pytest.raises(InvalidWorkflow, match="'commercial' or 'research'"):
        gate(use="fun")
