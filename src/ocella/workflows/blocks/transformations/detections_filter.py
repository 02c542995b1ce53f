"""Objects that meet a condition."""

from ocella.workflows.blocks.transformations._objects import example_on_objects
from ocella.workflows.blocks.transformations._operations import OperationsBlock

__all__ = ["UNITS"]

_SURE = {
    "type": "DetectionsFilter",
    "filter_operation": {
        "type": "StatementGroup",
        "statements": [
            {
                "type": "BinaryStatement",
                "left_operand": {
                    "type": "DynamicOperand",
                    "operations": [{"type": "ExtractDetectionProperty", "property_name": "confidence"}],
                },
                "comparator": {"type": "(Number) >="},
                "right_operand": {"type": "StaticOperand", "value": 0.5},
            }
        ],
    },
}


class DetectionsFilter(OperationsBlock):
    """Keep the objects that meet a condition, written as a chain of `operations`; these may name values of
    `operations_parameters`.
    """

    type = "detections_filter@v1"
    aliases = ("DetectionsFilter",)
    example = example_on_objects({"type": "detections_filter", "name": "sure", "operations": [_SURE]}, "predictions")


UNITS = (DetectionsFilter,)
