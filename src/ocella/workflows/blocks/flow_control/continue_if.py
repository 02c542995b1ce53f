"""Going on under a condition."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import Field

from ocella.workflows.block import Block, Targets
from ocella.workflows.query import Condition

__all__ = ["UNITS"]


class ContinueIf(Block):
    """Let `next_steps` run where the condition holds, and for `stop_delay` seconds after it last did. The condition knows
    `evaluation_parameters` by name.
    """

    type = "continue_if@v1"
    aliases = ("ContinueIf",)
    stateful = True
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [
            {"type": "WorkflowImage", "name": "image"},
            {"type": "WorkflowParameter", "name": "grey", "default_value": True},
        ],
        "steps": [
            {
                "type": "continue_if",
                "name": "only_if",
                "condition_statement": {
                    "type": "StatementGroup",
                    "statements": [
                        {
                            "type": "UnaryStatement",
                            "operand": {"type": "DynamicOperand", "operand_name": "grey"},
                            "operator": {"type": "(Boolean) is True"},
                        }
                    ],
                },
                "evaluation_parameters": {"grey": "$inputs.grey"},
                "next_steps": ["$steps.to_grey"],
            },
            {"type": "convert_grayscale", "name": "to_grey", "image": "$inputs.image"},
        ],
        "outputs": [{"type": "JsonField", "name": "grey", "selector": "$steps.to_grey.image"}],
    }

    condition_statement: Condition
    next_steps: Targets
    stop_delay: Annotated[float, Field(ge=0)] = 0.0

    _held_at: datetime | None = None

    def run(self, evaluation_parameters: dict[str, Any] = {}) -> Targets:  # noqa: B006  # never changed
        """All of the steps, or none."""
        now = self.services.now() if self.stop_delay > 0 else None
        if self.condition_statement(evaluation_parameters):
            self._held_at = now
            return self.next_steps
        still = (
            now is not None and self._held_at is not None and (now - self._held_at).total_seconds() <= self.stop_delay
        )
        return self.next_steps if still else []


UNITS = (ContinueIf,)
