"""A workflow within a workflow."""

from typing import Any, ClassVar

from ocella.errors import InvalidValue
from ocella.workflows.block import Block

__all__ = ["UNITS"]


class InnerWorkflow(Block):
    """Run another definition's steps in this place. `parameter_bindings` gives each of its inputs a selector or a value; one
    without a binding keeps its default. Its outputs are those of this step.
    """

    type = "inner_workflow@v1"
    ignored: ClassVar[frozenset[str]] = frozenset({"workflow_workspace_id", "workflow_id", "workflow_version_id"})
    example: ClassVar[dict[str, Any]] = {
        "inputs": [{"type": "WorkflowImage", "name": "photo"}],
        "steps": [
            {
                "type": "inner_workflow",
                "name": "soft",
                "parameter_bindings": {"image": "$inputs.photo"},
                "workflow_definition": {
                    "inputs": [{"type": "WorkflowImage", "name": "image"}],
                    "steps": [{"type": "convert_grayscale", "name": "grey", "image": "$inputs.image"}],
                    "outputs": [{"type": "JsonField", "name": "grey", "selector": "$steps.grey.image"}],
                },
            }
        ],
        "outputs": [{"type": "JsonField", "name": "grey", "selector": "$steps.soft.grey"}],
    }

    workflow_definition: dict[str, Any]
    parameter_bindings: dict[str, Any] = {}  # a default, never changed

    def run(self) -> None:
        """Never called: the compiler puts the inner steps in its place."""
        raise InvalidValue("An inner workflow is opened when the workflow is compiled; it does not run by itself.")


UNITS = (InnerWorkflow,)
