"""Operations on classifications."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np

from ocella.types import Classification
from ocella.workflows.query.operation import operation
from ocella.workflows.wire_plain import decimals
from ocella.workflows.wire_predictions import write_classification

__all__ = []


def _ranked(value: Classification) -> list[int]:
    """All classes: those that share 1 best first, those that stand alone in their order."""
    if value.multi_label:
        return list(range(len(value.classes)))
    return [int(i) for i in np.argsort(-value.confidence, kind="stable")]


def _top_class(value: Classification) -> Any:
    """As the response form has it: of several labels those that count as found."""
    response = write_classification(value)
    return response["predicted_classes"] if value.multi_label else response["top"]


def _top_confidence(value: Classification) -> Any:
    score = dict(zip(value.classes, decimals(value.confidence), strict=True))
    best = _top_class(value)
    return [score[name] for name in best] if isinstance(best, list) else score.get(best, 0.0)


def _single_confidence(value: Classification) -> float:
    best = _top_confidence(value)
    return max(best, default=0.0) if isinstance(best, list) else float(best)


_PROPERTIES: Mapping[str, Callable[[Classification], Any]] = {
    "top_class": _top_class,
    "top_class_confidence": _top_confidence,
    "top_class_confidence_single": _single_confidence,
    "all_classes": lambda value: [value.classes[i] for i in _ranked(value)],
    "all_confidences": lambda value: decimals(value.confidence[_ranked(value)]),
}


@operation(
    "ClassificationPropertyExtract",
    "classification_prediction",
    "string list_of_values float_zero_to_one",
    Classification,
)
def _property(
    property_name: Literal[
        "top_class", "top_class_confidence", "top_class_confidence_single", "all_classes", "all_confidences"
    ],
) -> Callable[[Classification], Any]:
    """The best class or its confidence, or all of them; of a multi-label classification the best are a list."""
    return _PROPERTIES[property_name]
