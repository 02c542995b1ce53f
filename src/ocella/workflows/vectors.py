"""Embeddings as blocks get them: from a model, or as numbers."""

from typing import Annotated, Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue, Mismatch
from ocella.types import Embedding
from ocella.workflows.kinds import Is

__all__ = ["Numbers", "Vector", "as_vector", "cosine"]

Vector = Annotated[Any, Is("embedding")]
"""What a block takes for an embedding: an Embedding, or numbers."""
Numbers = Annotated[list[float], Is("embedding")]
"""An embedding that need not have length 1, as an average."""


def as_vector(value: Any) -> npt.NDArray[np.float64]:
    """Its numbers. Raises InvalidValue."""
    try:
        vector = np.asarray(value.vector if isinstance(value, Embedding) else value, np.float64)
    except (TypeError, ValueError):
        vector = np.zeros((0, 0))
    if vector.ndim != 1 or not vector.size or not np.isfinite(vector).all():
        raise InvalidValue(f"An embedding must be an Embedding or a list of numbers, got {type(value).__name__}.")
    return vector


def cosine(a: Any, b: Any) -> float:
    """-1 to 1; 0 for a vector of no length. Raises Mismatch for vectors of two models, or of two lengths."""
    if isinstance(a, Embedding) and isinstance(b, Embedding):
        return a.similarity(b)
    left, right = as_vector(a), as_vector(b)
    if len(left) != len(right):
        raise Mismatch(
            f"Embeddings of {len(left)} and {len(right)} numbers cannot be compared. Embed both with one model."
        )
    length = float(np.linalg.norm(left) * np.linalg.norm(right))
    return float(left @ right) / length if length else 0.0
