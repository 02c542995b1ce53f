"""A unit vector that stands for an image or a text."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue, Mismatch
from ocella.types.arrays import as_array, same_arrays

__all__ = ["Embedding"]


@dataclass(frozen=True, eq=False)
class Embedding:
    """A unit vector (d,) and the name of the model that made it."""

    vector: npt.NDArray[np.float32]
    model: str

    def __post_init__(self) -> None:
        vector = as_array("vector", self.vector, np.float32, (None,))
        norm = float(np.linalg.norm(vector))
        if abs(norm - 1) > 1e-3:
            raise InvalidValue(f"vector must have length 1, got {norm:.4g}. Divide it by its norm.")
        object.__setattr__(self, "vector", vector)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Embedding) and self.model == other.model and same_arrays(self.vector, other.vector)

    __hash__ = None  # type: ignore[assignment]  # arrays do not hash

    def similarity(self, other: "Embedding") -> float:
        """Cosine, -1 to 1; raises Mismatch for vectors of two models."""
        if self.model != other.model:
            raise Mismatch(
                f"Vectors of '{self.model}' and '{other.model}' cannot be compared. Embed both with one model."
            )
        return float(self.vector @ other.vector)

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return {"type": "embedding", "model": self.model, "vector": self.vector.tolist()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Embedding":
        """From its JSON form."""
        return cls(np.asarray(data["vector"], np.float32), data["model"])
