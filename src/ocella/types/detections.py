"""Objects found in one image: the value that most of the system passes around."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue, Mismatch
from ocella.types.arrays import as_array, check_unit, same_arrays
from ocella.types.image import Image, Origin
from ocella.types.keypoints import Keypoints
from ocella.types.masks import Masks

__all__ = ["Detections"]


@dataclass(frozen=True, eq=False)
class Detections:
    """n objects: `xyxy` (n, 4) absolute pixels, end-exclusive; `confidence` (n,) in 0..1; `class_id` (n,) into
    `classes`, which stays even when nothing was found. `data` holds further columns of length n. `origin` and `size_hw` are
    those of the image that they lie in, where that is known.
    """

    xyxy: npt.NDArray[np.float32]
    confidence: npt.NDArray[np.float32]
    class_id: npt.NDArray[np.int64]
    classes: tuple[str, ...]
    masks: Masks | None = None
    keypoints: Keypoints | None = None
    track_id: npt.NDArray[np.int64] | None = None
    data: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)
    origin: Origin | None = None
    size_hw: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "xyxy", as_array("xyxy", self.xyxy, np.float32, (None, 4)))
        n = len(self.xyxy)
        if (self.xyxy[:, 2:] < self.xyxy[:, :2]).any():
            worst = self.xyxy[(self.xyxy[:, 2:] < self.xyxy[:, :2]).any(axis=1)][0]
            raise InvalidValue(f"xyxy must have x1 <= x2 and y1 <= y2, got {worst.tolist()}.")
        put(self, "confidence", as_array("confidence", self.confidence, np.float32, (n,)))
        check_unit("confidence", self.confidence)
        put(self, "class_id", as_array("class_id", self.class_id, np.int64, (n,)))
        put(self, "classes", tuple(self.classes))
        wrong = self.class_id[(self.class_id < 0) | (self.class_id >= len(self.classes))]
        if wrong.size:
            raise InvalidValue(f"class_id must point into {len(self.classes)} classes, got {wrong[0]}.")
        if self.track_id is not None:
            put(self, "track_id", as_array("track_id", self.track_id, np.int64, (n,)))
        columns = {"masks": self.masks, "keypoints": self.keypoints, **self.data}
        for name, column in columns.items():
            if column is not None and len(column) != n:
                raise InvalidValue(f"{name} must have {n} rows, one a detection, got {len(column)}.")
        put(self, "data", MappingProxyType({name: _read_only(column) for name, column in self.data.items()}))

    @classmethod
    def empty(cls, classes: Sequence[str] = ()) -> "Detections":
        """Nothing found, with the classes that were looked for."""
        return cls(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64), tuple(classes))

    def __len__(self) -> int:
        return len(self.xyxy)

    def __getitem__(self, index: Any) -> "Detections":
        """Rows by mask, indices, slice or a single index (which gives one row)."""
        rows = np.atleast_1d(np.arange(len(self))[index])
        return Detections(
            self.xyxy[rows],
            self.confidence[rows],
            self.class_id[rows],
            self.classes,
            None if self.masks is None else self.masks[rows],
            None if self.keypoints is None else self.keypoints[rows],
            None if self.track_id is None else self.track_id[rows],
            {name: column[rows] for name, column in self.data.items()},
            self.origin,
            self.size_hw,
        )

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Detections)
            and self.classes == other.classes
            and (self.origin, self.size_hw) == (other.origin, other.size_hw)
            and same_arrays(self.xyxy, other.xyxy)
            and same_arrays(self.confidence, other.confidence)
            and same_arrays(self.class_id, other.class_id)
            and same_arrays(self.track_id, other.track_id)
            and self.masks == other.masks
            and self.keypoints == other.keypoints
            and self.data.keys() == other.data.keys()
            and all(same_arrays(self.data[k], other.data[k]) for k in self.data)
        )

    __hash__ = None  # type: ignore[assignment]  # arrays do not hash

    @property
    def names(self) -> list[str]:
        """Class name of each row."""
        return [self.classes[i] for i in self.class_id]

    @property
    def area(self) -> npt.NDArray[np.float32]:
        """Box area of each row, square pixels."""
        return (self.xyxy[:, 2] - self.xyxy[:, 0]) * (self.xyxy[:, 3] - self.xyxy[:, 1])

    def replace(self, **changes: Any) -> "Detections":
        """A copy with some fields changed, checked again."""
        return dataclasses.replace(self, **changes)

    def on(self, image: Image) -> "Detections":
        """The same, known to lie in that image."""
        return dataclasses.replace(self, origin=image.origin, size_hw=image.size_hw)

    @classmethod
    def concatenate(cls, parts: Sequence["Detections"]) -> "Detections":
        """Rows of all parts, which must share classes; columns not on every part are dropped. Raises Mismatch."""
        if not parts:
            return cls.empty()
        if len({p.classes for p in parts}) > 1:
            raise Mismatch(
                f"Detections of different classes cannot be joined: {parts[0].classes} and others. Remap first."
            )
        filled = [p for p in parts if len(p)] or [parts[0]]
        keep = set.intersection(*(set(p.data) for p in filled))
        masks = [p.masks for p in filled if p.masks is not None]
        points = [p.keypoints for p in filled if p.keypoints is not None]
        tracks = [p.track_id for p in filled if p.track_id is not None]
        return cls(
            np.concatenate([p.xyxy for p in filled]),
            np.concatenate([p.confidence for p in filled]),
            np.concatenate([p.class_id for p in filled]),
            parts[0].classes,
            _join_masks(masks) if len(masks) == len(filled) else None,
            _join_keypoints(points) if len(points) == len(filled) else None,
            np.concatenate(tracks) if len(tracks) == len(filled) else None,
            {name: np.concatenate([p.data[name] for p in filled]) for name in sorted(keep)},
            parts[0].origin if len({p.origin for p in parts}) == 1 else None,
            parts[0].size_hw if len({p.size_hw for p in parts}) == 1 else None,
        )

    def to_json(self) -> dict[str, Any]:
        """JSON form; numbers come back bit for bit."""
        out: dict[str, Any] = {
            "type": "detections",
            "classes": list(self.classes),
            "xyxy": self.xyxy.tolist(),
            "confidence": self.confidence.tolist(),
            "class_id": self.class_id.tolist(),
        }
        if self.masks is not None:
            out["masks"] = self.masks.to_json()
        if self.keypoints is not None:
            out["keypoints"] = self.keypoints.to_json()
        if self.track_id is not None:
            out["track_id"] = self.track_id.tolist()
        if self.data:
            out["data"] = {k: {"dtype": v.dtype.str, "values": v.tolist()} for k, v in self.data.items()}
        if self.origin is not None:
            out["origin"] = self.origin.to_json()
        if self.size_hw is not None:
            out["size_hw"] = list(self.size_hw)
        return out

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Detections":
        """From its JSON form."""
        return cls(
            np.asarray(data["xyxy"], np.float32).reshape(-1, 4),
            np.asarray(data["confidence"], np.float32),
            np.asarray(data["class_id"], np.int64),
            tuple(data["classes"]),
            Masks.from_json(data["masks"]) if "masks" in data else None,
            Keypoints.from_json(data["keypoints"]) if "keypoints" in data else None,
            np.asarray(data["track_id"], np.int64) if "track_id" in data else None,
            {k: np.asarray(v["values"], np.dtype(v["dtype"])) for k, v in data.get("data", {}).items()},
            Origin.from_json(data["origin"]) if "origin" in data else None,
            tuple(data["size_hw"]) if "size_hw" in data else None,
        )

    def to_supervision(self) -> Any:
        """As `supervision.Detections`; boxes, confidences and ids are shared, not copied. Needs the extra."""
        sv = _supervision()
        columns = {k: v for k, v in self.data.items() if k != "class_name"}
        return sv.Detections(
            xyxy=self.xyxy,
            confidence=self.confidence,
            class_id=self.class_id,
            tracker_id=self.track_id,
            mask=None if self.masks is None else self.masks.dense(),
            data={**columns, "class_name": np.array(self.names, dtype=object if not len(self) else None)},
            metadata={"classes": list(self.classes)},
        )

    @classmethod
    def from_supervision(cls, found: Any, classes: Sequence[str] | None = None) -> "Detections":
        """From `supervision.Detections`; without `classes` its own metadata or class names give them."""
        n = len(found.xyxy)
        data = dict(found.data)
        names = [str(x) for x in data.pop("class_name", [])]
        class_id = np.zeros(n, np.int64) if found.class_id is None else found.class_id
        if classes is None:
            classes = found.metadata.get("classes") or _classes_of(class_id, names)
        return cls(
            found.xyxy,
            np.ones(n, np.float32) if found.confidence is None else found.confidence,
            class_id,
            tuple(classes),
            masks=None if found.mask is None else Masks.from_dense(found.mask),
            track_id=found.tracker_id,
            data={k: np.asarray(v) for k, v in data.items()},
        )


def _read_only(column: npt.ArrayLike) -> npt.NDArray[Any]:
    view = np.asarray(column).view()
    view.flags.writeable = False
    return view


def _classes_of(class_id: npt.NDArray[np.int64], names: Sequence[str]) -> list[str]:
    known = dict(zip(class_id.tolist(), names, strict=False))
    return [known.get(i, f"class_{i}") for i in range(int(class_id.max(initial=-1)) + 1)]


def _join_masks(parts: Sequence[Masks]) -> Masks:
    if len({p.size_hw for p in parts}) > 1:
        raise Mismatch(f"Masks of different image sizes cannot be joined: {sorted({p.size_hw for p in parts})}.")
    return Masks.from_counts([p.run(i).tolist() for p in parts for i in range(len(p))], parts[0].size_hw)


def _join_keypoints(parts: Sequence[Keypoints]) -> Keypoints:
    if len({p.skeleton for p in parts}) > 1:
        raise Mismatch("Keypoints of different skeletons cannot be joined.")
    return Keypoints(
        np.concatenate([p.xy for p in parts]),
        np.concatenate([p.confidence for p in parts]),
        np.concatenate([p.visible for p in parts]),
        parts[0].skeleton,
    )


def _supervision() -> Any:
    from ocella.errors import MissingExtra

    try:
        import supervision
    except ImportError as error:
        raise MissingExtra("Detections.to_supervision()", "supervision") from error
    return supervision
