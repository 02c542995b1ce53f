"""Definitions with one custom block, written short."""

from collections.abc import Mapping
from typing import Any

from ocella.workflows.compile import compile_workflow
from ocella.workflows.run import Session
from ocella.workflows.services import Services

ANYTHING = {"type": "DynamicOutputDefinition", "kind": []}


def taking(*selectors: str, **more: Any) -> dict[str, Any]:
    """An input's definition."""
    return {"type": "DynamicInputDefinition", "selector_types": list(selectors), **more}


def custom(
    run: str, inputs: Mapping[str, Any], outputs: Mapping[str, Any] | None = None, code: Any = None, **manifest: Any
) -> dict[str, Any]:
    """The definition of a block of type `mine`."""
    return {
        "type": "DynamicBlockDefinition",
        "manifest": {
            "type": "ManifestDescription",
            "block_type": "mine",
            "inputs": dict(inputs),
            "outputs": dict(outputs or {"out": ANYTHING}),
            **manifest,
        },
        "code": {"type": "PythonCode", "run_function_code": run, **(code or {})},
    }


def workflow(block: Mapping[str, Any], inputs: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    """A workflow of that one step, named `step`."""
    outputs = [
        {"type": "JsonField", "name": name, "selector": f"$steps.step.{name}", "coordinates_system": "own"}
        for name in block["manifest"]["outputs"]
    ]
    steps = [{"type": "mine", "name": "step", **fields}]
    return {"dynamic_blocks_definitions": [block], "inputs": inputs, "steps": steps, "outputs": outputs}


def opened(definition: Mapping[str, Any], **services: Any) -> Session:
    """A session in which code is allowed."""
    return Session(compile_workflow(definition), Services(allow=frozenset({"custom-code"}), **services))


def number(run: str, **services: Any) -> Session:
    """A session of a block with one number `a`."""
    block = custom(run, {"a": taking("input_parameter", value_types=["integer"])})
    inputs = [{"type": "WorkflowParameter", "name": "a"}]
    return opened(workflow(block, inputs, a="$inputs.a"), **services)
