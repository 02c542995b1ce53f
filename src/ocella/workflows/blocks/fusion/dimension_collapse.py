"""Nested values as one list."""

from typing import Any

from ocella.workflows.block import Block, Many

__all__ = ["UNITS"]


class DimensionCollapse(Block):
    """Put the values of the deepest level, those of all crops of an image, into one list."""

    type = "dimension_collapse@v1"
    aliases = ("DimensionCollapse",)
    example = {
        "inputs": [
            {"type": "WorkflowImage", "name": "image"},
            {"type": "WorkflowBatchInput", "name": "values", "kind": ["integer"], "dimensionality": 2},
        ],
        "steps": [{"type": "dimension_collapse", "name": "all", "data": "$inputs.values"}],
        "outputs": [{"type": "JsonField", "name": "list", "selector": "$steps.all.output"}],
    }

    def run(self, data: Many[Any]) -> list[Any]:
        """The list, missing values left out."""
        return list(data)


UNITS = (DimensionCollapse,)
