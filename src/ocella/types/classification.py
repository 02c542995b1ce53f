"""What one image shows, as scores over classes."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.types.arrays import as_array, check_unit, same_arrays
from ocella.types.image import Image

__all__ = ["Classification"]


@dataclass(frozen=True, eq=False)
class Classification:
    """Scores (k,) in 0..1 of one image over `classes`; with `multi_label` each stands alone, and those from `least` on
    count as found, else they share 1. `size_hw` is the image's size, where that is known.
    """

    confidence: npt.NDArray[np.float32]
    classes: tuple[str, ...]
    multi_label: bool = False
    size_hw: tuple[int, int] | None = None
    least: float = 0.5

    def __post_init__(self) -> None:
        object.__setattr__(self, "classes", tuple(self.classes))
        confidence = as_array("confidence", self.confidence, np.float32, (len(self.classes),))
        check_unit("confidence", confidence)
        object.__setattr__(self, "confidence", confidence)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Classification)
            and (self.classes, self.multi_label, self.size_hw) == (other.classes, other.multi_label, other.size_hw)
            and self.least == other.least
            and same_arrays(self.confidence, other.confidence)
        )

    __hash__ = None  # type: ignore[assignment]  # arrays do not hash

    def top(self, k: int = 1) -> list[tuple[str, float]]:
        """The k best classes with their scores, best first."""
        order = np.argsort(-self.confidence, kind="stable")[:k]
        return [(self.classes[i], float(self.confidence[i])) for i in order]

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        out: dict[str, Any] = {
            "type": "classification",
            "classes": list(self.classes),
            "confidence": self.confidence.tolist(),
            "multi_label": self.multi_label,
        }
        out |= {} if self.size_hw is None else {"size_hw": list(self.size_hw)}
        return out if self.least == Classification.least else out | {"least": self.least}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Classification":
        """From its JSON form."""
        size = data.get("size_hw")
        confidence = np.asarray(data["confidence"], np.float32)
        size = size and (size[0], size[1])
        return cls(confidence, tuple(data["classes"]), data["multi_label"], size, data.get("least", cls.least))

    def on(self, image: Image) -> "Classification":
        """The same, known to be of that image."""
        return replace(self, size_hw=image.size_hw)
