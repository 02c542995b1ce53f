"""Keypoints of the objects of one image."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.types.arrays import as_array, same_arrays

__all__ = ["COCO_PERSON", "Keypoints", "Skeleton"]


@dataclass(frozen=True)
class Skeleton:
    """Names of the k points and the pairs that are joined."""

    names: tuple[str, ...]
    edges: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        if any(not 0 <= i < len(self.names) for edge in self.edges for i in edge):
            raise InvalidValue(f"edges must point into the {len(self.names)} names, got {self.edges}.")


COCO_PERSON = Skeleton(
    (
        "nose",
        "left_eye",
        "right_eye",
        "left_ear",
        "right_ear",
        "left_shoulder",
        "right_shoulder",
        "left_elbow",
        "right_elbow",
        "left_wrist",
        "right_wrist",
        "left_hip",
        "right_hip",
        "left_knee",
        "right_knee",
        "left_ankle",
        "right_ankle",
    ),
    (
        (5, 7),
        (7, 9),
        (6, 8),
        (8, 10),
        (5, 6),
        (5, 11),
        (6, 12),
        (11, 12),
        (11, 13),
        (13, 15),
        (12, 14),
        (14, 16),
        (0, 1),
        (0, 2),
        (1, 3),
        (2, 4),
        (3, 5),
        (4, 6),
    ),
)
"""The 17 points of a person in COCO."""


@dataclass(frozen=True, eq=False)
class Keypoints:
    """n objects of k points: `xy` (n, k, 2) pixels, `confidence` and `visible` (n, k)."""

    xy: npt.NDArray[np.float32]
    confidence: npt.NDArray[np.float32]
    visible: npt.NDArray[np.bool_]
    skeleton: Skeleton

    def __post_init__(self) -> None:
        k = len(self.skeleton.names)
        xy = as_array("xy", self.xy, np.float32, (None, k, 2))
        object.__setattr__(self, "xy", xy)
        object.__setattr__(self, "confidence", as_array("confidence", self.confidence, np.float32, (len(xy), k)))
        object.__setattr__(self, "visible", as_array("visible", self.visible, np.bool_, (len(xy), k)))

    @classmethod
    def empty(cls, skeleton: Skeleton) -> "Keypoints":
        """No objects."""
        k = len(skeleton.names)
        return cls(np.zeros((0, k, 2), np.float32), np.zeros((0, k), np.float32), np.zeros((0, k), bool), skeleton)

    def __len__(self) -> int:
        return len(self.xy)

    def __getitem__(self, index: Any) -> "Keypoints":
        rows = np.atleast_1d(np.arange(len(self))[index])
        return Keypoints(self.xy[rows], self.confidence[rows], self.visible[rows], self.skeleton)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Keypoints)
            and self.skeleton == other.skeleton
            and same_arrays(self.xy, other.xy)
            and same_arrays(self.confidence, other.confidence)
            and same_arrays(self.visible, other.visible)
        )

    __hash__ = None  # type: ignore[assignment]  # arrays do not hash

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "type": "keypoints",
            "names": list(self.skeleton.names),
            "edges": [list(e) for e in self.skeleton.edges],
            "xy": self.xy.tolist(),
            "confidence": self.confidence.tolist(),
            "visible": self.visible.tolist(),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Keypoints":
        """From its JSON form."""
        skeleton = Skeleton(tuple(data["names"]), tuple((int(a), int(b)) for a, b in data["edges"]))
        k = len(skeleton.names)
        return cls(
            np.asarray(data["xy"], np.float32).reshape(-1, k, 2),
            np.asarray(data["confidence"], np.float32).reshape(-1, k),
            np.asarray(data["visible"], np.bool_).reshape(-1, k),
            skeleton,
        )
