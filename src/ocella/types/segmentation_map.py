"""A class for every pixel."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.types.arrays import as_array, same_arrays

__all__ = ["SegmentationMap"]


@dataclass(frozen=True, eq=False)
class SegmentationMap:
    """Class id (height, width) of every pixel into `classes`; -1 is unlabelled."""

    class_id: npt.NDArray[np.int32]
    classes: tuple[str, ...]

    def __post_init__(self) -> None:
        class_id = as_array("class_id", self.class_id, np.int32, (None, None))
        if class_id.size and not (class_id.min() >= -1 and class_id.max() < len(self.classes)):
            raise InvalidValue(f"class_id must be -1 or point into {len(self.classes)} classes, got {class_id.max()}.")
        object.__setattr__(self, "class_id", class_id)
        object.__setattr__(self, "classes", tuple(self.classes))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, SegmentationMap)
            and self.classes == other.classes
            and same_arrays(self.class_id, other.class_id)
        )

    __hash__ = None  # type: ignore[assignment]  # arrays do not hash

    def share(self) -> dict[str, float]:
        """Part of the image that each class covers, 0 to 1."""
        return {name: float(np.mean(self.class_id == i)) for i, name in enumerate(self.classes)}

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return {"type": "segmentation_map", "classes": list(self.classes), "class_id": self.class_id.tolist()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "SegmentationMap":
        """From its JSON form."""
        return cls(np.asarray(data["class_id"], np.int32), tuple(data["classes"]))
