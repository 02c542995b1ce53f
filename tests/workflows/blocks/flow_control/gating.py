"""A gate before steps that pass a number on."""

from collections.abc import Sequence
from typing import Any

from ocella.workflows.compile import compile_workflow
from ocella.workflows.run import Session
from ocella.workflows.services import Services

INPUTS: list[dict[str, Any]] = [
    {"type": "WorkflowBatchInput", "name": "n"},
    {"type": "WorkflowImage", "name": "image"},
    {"type": "WorkflowParameter", "name": "limit", "default_value": 10},
]


class Gated:
    """A session of the gate `step` and of copies named `names`; a run tells which of them ran, for each element."""

    def __init__(self, step: dict[str, Any], names: Sequence[str] = ("a",), services: Services | None = None) -> None:
        copies = [{"type": "property_definition", "name": n, "data": "$inputs.n", "operations": []} for n in names]
        outputs = [{"type": "JsonField", "name": n, "selector": f"$steps.{n}.output"} for n in names]
        used = [i for i in INPUTS if i["name"] == "n" or f"$inputs.{i['name']}" in str(step)]
        definition = {"inputs": used, "steps": [{"name": "gate", **step}, *copies], "outputs": outputs}
        self._session = Session(compile_workflow(definition), services)

    def run(self, **inputs: Any) -> list[list[str]]:
        found = self._session.run(inputs)
        assert not found.failures
        return [[name for name, value in row.items() if value is not None] for row in found]
