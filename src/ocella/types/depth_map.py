"""Distance of every pixel."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.types.arrays import as_array, same_arrays

__all__ = ["DepthMap"]


@dataclass(frozen=True, eq=False)
class DepthMap:
    """float32 (height, width), larger = farther; metres when `metric`, else without unit."""

    depth: npt.NDArray[np.float32]
    metric: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "depth", as_array("depth", self.depth, np.float32, (None, None)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DepthMap) and self.metric == other.metric and same_arrays(self.depth, other.depth)

    __hash__ = None  # type: ignore[assignment]  # arrays do not hash

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return {"type": "depth_map", "metric": self.metric, "depth": self.depth.tolist()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "DepthMap":
        """From its JSON form."""
        return cls(np.asarray(data["depth"], np.float32), data["metric"])
