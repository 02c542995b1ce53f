"""What the blocks that work on objects by operations share."""

from collections.abc import Mapping
from typing import Any

from ocella.errors import InvalidValue
from ocella.types import Detections
from ocella.workflows.block import Block
from ocella.workflows.query import Operations
from ocella.workflows.query.conditions import THE_VALUE

__all__ = ["OperationsBlock"]


class OperationsBlock(Block):
    """Objects after `operations`, which may name values of `operations_parameters`."""

    output = "predictions"

    operations: Operations

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """A parameter with the name that stands for the objects themselves."""
        if THE_VALUE not in (step.get("operations_parameters") or ()):
            return []
        return [("operations_parameters", f"names other than '{THE_VALUE}', which stands for an object", "Rename it.")]

    def run(self, predictions: Detections, operations_parameters: dict[str, Any] | None = None) -> Detections:
        """The objects after all operations; raises InvalidValue where something else comes out."""
        found = self.operations(predictions, operations_parameters or {})
        if not isinstance(found, Detections):
            raise InvalidValue(
                f"operations must end with objects, got {type(found).__name__}. Take property_definition to extract values."
            )
        return found
