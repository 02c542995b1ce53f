"""What one image shows, as scores over classes."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.types.arrays import as_array, check_unit, same_arrays

__all__ = ["Classification"]


@dataclass(frozen=True, eq=False)
class Classification:
    """Scores (k,) in 0..1 of one image over `classes`; with `multi_label` each stands alone, else they share 1."""

    confidence: npt.NDArray[np.float32]
    classes: tuple[str, ...]
    multi_label: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "classes", tuple(self.classes))
        confidence = as_array("confidence", self.confidence, np.float32, (len(self.classes),))
        check_unit("confidence", confidence)
        object.__setattr__(self, "confidence", confidence)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Classification)
            and (self.classes, self.multi_label) == (other.classes, other.multi_label)
            and same_arrays(self.confidence, other.confidence)
        )

    __hash__ = None  # type: ignore[assignment]  # arrays do not hash

    def top(self, k: int = 1) -> list[tuple[str, float]]:
        """The k best classes with their scores, best first."""
        order = np.argsort(-self.confidence, kind="stable")[:k]
        return [(self.classes[i], float(self.confidence[i])) for i in order]

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "type": "classification",
            "classes": list(self.classes),
            "confidence": self.confidence.tolist(),
            "multi_label": self.multi_label,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Classification":
        """From its JSON form."""
        return cls(np.asarray(data["confidence"], np.float32), tuple(data["classes"]), data["multi_label"])
