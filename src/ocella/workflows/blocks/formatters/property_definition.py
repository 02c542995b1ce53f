"""A value after operations."""

from collections.abc import Mapping
from typing import Any, ClassVar

from ocella.workflows.block import Block
from ocella.workflows.query import Operations

__all__ = ["UNITS"]


class PropertyDefinition(Block):
    """What a chain of operations makes of a value, such as the class names of objects, or how many there are."""

    type = "property_definition@v1"
    aliases = ("PropertyDefinition", "PropertyExtraction")
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {"type": "object_detection_model", "name": "find", "image": "$inputs.image", "model_id": "nanodet-g"},
            {
                "type": "property_definition",
                "name": "count",
                "data": "$steps.find.predictions",
                "operations": [{"type": "SequenceLength"}],
            },
        ],
        "outputs": [{"type": "JsonField", "name": "count", "selector": "$steps.count.output"}],
    }

    operations: Operations

    def run(self, data: Any) -> Any:
        """The value after the last operation."""
        return self.operations(data, {})


UNITS = (PropertyDefinition,)
