"""Branches brought together."""

from collections.abc import Mapping
from typing import Any, ClassVar

from ocella.workflows.block import Block

__all__ = ["UNITS"]


class FirstNonEmptyOrDefault(Block):
    """The first of the values of `data` that is there, `default` where none is: what one of several branches has made."""

    type = "first_non_empty_or_default@v1"
    aliases = ("FirstNonEmptyOrDefault",)
    accepts_missing = True
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowParameter", "name": "a"}, {"type": "WorkflowParameter", "name": "b"}],
        "steps": [
            {"type": "first_non_empty_or_default", "name": "any", "data": ["$inputs.a", "$inputs.b"], "default": "none"}
        ],
        "outputs": [{"type": "JsonField", "name": "any", "selector": "$steps.any.output"}],
    }

    default: Any = None

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """There must be something to choose from."""
        empty = "data" in step and not step["data"]
        return [("data", "a list of at least one value", "Name the outputs to choose from.")] if empty else []

    def run(self, data: list[Any]) -> Any:
        """The value."""
        return next((value for value in data if value is not None), self.default)


UNITS = (FirstNonEmptyOrDefault,)
