"""Objects that the model is sure enough of, by class."""

import numpy as np

from ocella.types import Detections
from ocella.workflows.block import Block
from ocella.workflows.blocks.transformations._objects import example_on_objects
from ocella.workflows.kinds import Unit

__all__ = ["UNITS"]


class PerClassConfidenceFilter(Block):
    """Keep the objects whose confidence reaches the threshold of their class in `class_thresholds`, or `default_threshold` for a
    class that is not there.
    """

    type = "per_class_confidence_filter@v1"
    output = "predictions"
    example = example_on_objects(
        {"type": "per_class_confidence_filter", "name": "sure", "class_thresholds": {"person": 0.7, "car": 0.5}},
        "predictions",
    )

    class_thresholds: dict[str, Unit]
    default_threshold: Unit = 0.3

    def run(self, predictions: Detections) -> Detections:
        """The objects that are sure enough."""
        limits = [self.class_thresholds.get(name, self.default_threshold) for name in predictions.classes]
        needed = np.array(limits, np.float64).astype(np.float32)[predictions.class_id]
        return predictions[predictions.confidence >= needed]


UNITS = (PerClassConfidenceFilter,)
