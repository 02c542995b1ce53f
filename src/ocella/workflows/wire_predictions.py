"""Predictions as JSON: the response form of hosted inference, and ours."""

from collections.abc import Mapping
from typing import Any

from ocella.errors import InvalidValue
from ocella.types import Classification, Detections, Embedding

__all__ = ["read_classification", "read_detections", "read_embedding"]


def read_detections(value: Any) -> Detections:
    """Objects from Detections, our JSON form, or {"image": {...}, "predictions": [...]}."""
    if isinstance(value, Detections):
        return value
    if isinstance(value, Mapping) and value.get("type") == "detections":
        return Detections.from_json(dict(value))
    raise InvalidValue(f"expected detections, got {type(value).__name__}.")


def read_classification(value: Any) -> Classification:
    """Scores from Classification, our JSON form, or the response form."""
    if isinstance(value, Classification):
        return value
    raise InvalidValue(f"expected a classification, got {type(value).__name__}.")


def read_embedding(value: Any) -> Embedding:
    """A vector from Embedding."""
    if isinstance(value, Embedding):
        return value
    raise InvalidValue(f"expected an embedding, got {type(value).__name__}.")
