"""Objects changed by operations."""

from ocella.workflows.blocks.transformations._objects import example_on_objects
from ocella.workflows.blocks.transformations._operations import OperationsBlock

__all__ = ["UNITS"]


class DetectionsTransformation(OperationsBlock):
    """Change the objects by a chain of `operations`: move, widen, rename, sort, select them; these may name values of
    `operations_parameters`.
    """

    type = "detections_transformation@v1"
    aliases = ("DetectionsTransformation",)
    example = example_on_objects(
        {
            "type": "detections_transformation",
            "name": "wider",
            "operations": [{"type": "DetectionsOffset", "offset_x": 20, "offset_y": 20}],
        },
        "predictions",
    )


UNITS = (DetectionsTransformation,)
