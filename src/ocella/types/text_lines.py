"""Lines of text read in one image."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.types.arrays import as_array, same_arrays

__all__ = ["TextLines"]


@dataclass(frozen=True, eq=False)
class TextLines:
    """n lines: `polygons` (n, 4, 2) pixels clockwise from top left, `texts`, `confidence` (n,)."""

    polygons: npt.NDArray[np.float32]
    texts: tuple[str, ...]
    confidence: npt.NDArray[np.float32]

    def __post_init__(self) -> None:
        polygons = as_array("polygons", self.polygons, np.float32, (None, 4, 2))
        object.__setattr__(self, "polygons", polygons)
        object.__setattr__(self, "texts", tuple(self.texts))
        if len(self.texts) != len(polygons):
            raise InvalidValue(f"texts must have {len(polygons)} entries, one a polygon, got {len(self.texts)}.")
        object.__setattr__(self, "confidence", as_array("confidence", self.confidence, np.float32, (len(polygons),)))

    @classmethod
    def empty(cls) -> "TextLines":
        """No text."""
        return cls(np.zeros((0, 4, 2), np.float32), (), np.zeros(0, np.float32))

    def __len__(self) -> int:
        return len(self.texts)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, TextLines)
            and self.texts == other.texts
            and same_arrays(self.polygons, other.polygons)
            and same_arrays(self.confidence, other.confidence)
        )

    __hash__ = None  # type: ignore[assignment]  # arrays do not hash

    @property
    def text(self) -> str:
        """All lines, one below the other."""
        return "\n".join(self.texts)

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "type": "text_lines",
            "texts": list(self.texts),
            "polygons": self.polygons.tolist(),
            "confidence": self.confidence.tolist(),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "TextLines":
        """From its JSON form."""
        polygons = np.asarray(data["polygons"], np.float32).reshape(-1, 4, 2)
        return cls(polygons, tuple(data["texts"]), np.asarray(data["confidence"], np.float32))
