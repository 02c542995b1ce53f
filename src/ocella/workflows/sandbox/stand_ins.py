"""Values as custom code sees them, and back.

It sees


- an image as `WorkflowImageData`: `numpy_image` (BGR, its own copy), `base64_image`, `video_metadata`, `parent_metadata`,
  `workflow_root_ancestor_metadata`; new ones by `WorkflowImageData.copy_and_replace(image, numpy_image=...)` or
  `WorkflowImageData(parent_metadata=image.parent_metadata, numpy_image=...)`;
- objects as `sv.Detections` (see `boxes`), with `data["class_name"]`, `"detection_id"`, `"image_dimensions"`, keypoints as
  `"keypoints_xy"`, `"keypoints_confidence"`, and `metadata["classes"]`;
- a classification as the dictionary of a response (predictions, top, confidence); an embedding, a depth map as an array;
  what a language model said as text; a segmentation map and lines of text as their JSON form;
- values of many elements as `Batch`; everything else as it is.
"""

import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from ocella.types import (
    Answer,
    Classification,
    DepthMap,
    Embedding,
    Image,
    Keypoints,
    Masks,
    Moment,
    SegmentationMap,
    TextLines,
)
from ocella.types import Detections as Found
from ocella.types.keypoints import Skeleton
from ocella.workflows.sandbox import boxes
from ocella.workflows.sandbox.codec import Batched
from ocella.workflows.wire_detections import detection_ids

__all__ = ["Batch", "VideoMetadata", "WorkflowImageData", "modules", "seen", "unseen"]

_DERIVED = ("class_name", "image_dimensions", "keypoints_xy", "keypoints_confidence")


class Batch(list[Any]):
    """Values of the elements, in order; None where one is missing."""

    @property
    def indices(self) -> list[tuple[int, ...]]:
        """The index of each element."""
        return [(i,) for i in range(len(self))]

    def iter_with_indices(self) -> Iterator[tuple[tuple[int, ...], Any]]:
        """Index and value of each element."""
        yield from zip(self.indices, self, strict=True)

    @classmethod
    def init(cls, content: Sequence[Any], indices: Any = None) -> "Batch":
        """A batch of values."""
        del indices
        return cls(content)


@dataclass
class ImageParentMetadata:
    """Where an image is from."""

    parent_id: str = "image"
    origin_coordinates: Any = None
    image: Any = None


@dataclass
class OriginCoordinatesSystem:
    """Where a crop lies in its parent."""

    left_top_x: int
    left_top_y: int
    origin_width: int
    origin_height: int


@dataclass
class VideoMetadata:
    """When a picture of a video was taken."""

    video_identifier: str
    frame_number: int
    frame_timestamp: datetime
    fps: float = 30
    measured_fps: float | None = None
    comes_from_video_file: bool | None = None
    moment: Any = None


class WorkflowImageData:
    """An image; `numpy_image` may be changed in place, nobody else sees it."""

    def __init__(
        self,
        parent_metadata: ImageParentMetadata | None = None,
        workflow_root_ancestor_metadata: ImageParentMetadata | None = None,
        image_reference: str | None = None,
        base64_image: str | None = None,
        numpy_image: Any = None,
        video_metadata: VideoMetadata | None = None,
    ) -> None:
        del image_reference
        self.parent_metadata = parent_metadata or ImageParentMetadata()
        self.workflow_root_ancestor_metadata = workflow_root_ancestor_metadata or self.parent_metadata
        self._pixels = numpy_image if numpy_image is not None else _decoded(base64_image) if base64_image else None
        if self._pixels is None and self.parent_metadata.image is None:
            raise ValueError("WorkflowImageData needs numpy_image or base64_image.")
        self.video_metadata = video_metadata or _video(self.parent_metadata.image)

    @classmethod
    def copy_and_replace(cls, origin_image_data: "WorkflowImageData", **changes: Any) -> "WorkflowImageData":
        """The image with other pixels."""
        given = {
            "parent_metadata": origin_image_data.parent_metadata,
            "video_metadata": origin_image_data.video_metadata,
        }
        return cls(
            **{
                **given,
                **(
                    {}
                    if {"numpy_image", "base64_image"} & set(changes)
                    else {"numpy_image": origin_image_data.numpy_image}
                ),
                **changes,
            }
        )

    @property
    def numpy_image(self) -> Any:
        """Pixels (height, width, 3), blue first."""
        if self._pixels is None:
            self._pixels = np.ascontiguousarray(self.parent_metadata.image.pixels[..., ::-1])
        return self._pixels

    @property
    def base64_image(self) -> str:
        """The pixels as a JPEG in base64."""
        import base64

        import cv2

        return base64.b64encode(cv2.imencode(".jpg", self.numpy_image)[1].tobytes()).decode()

    def whole(self) -> Image:
        """The value that leaves: origin and moment of the image that it was made from."""
        made_from = self.parent_metadata.image
        if self._pixels is None:
            return Image(made_from.pixels, made_from.origin, made_from.moment)
        pixels = np.asarray(self._pixels)
        if pixels.ndim == 2:
            pixels = np.repeat(pixels[..., None], 3, axis=2)
        if pixels.ndim != 3 or pixels.shape[2] not in (3, 4) or pixels.dtype != np.uint8:
            raise ValueError(
                f"numpy_image must be uint8 of shape (height, width, 3), got {pixels.dtype} of {pixels.shape}."
            )
        rgb = np.ascontiguousarray(pixels[..., 2::-1])
        return Image(rgb) if made_from is None else made_from.derive(rgb)


def seen(value: Any) -> Any:
    """A value as custom code sees it."""
    if isinstance(value, Batched):
        return Batch(seen(v) for v in value.values)
    if isinstance(value, list | tuple):
        return type(value)(seen(v) for v in value)
    if isinstance(value, Mapping):
        return {k: seen(v) for k, v in value.items()}
    if isinstance(value, np.ndarray):
        return value.copy()
    return _SEEN[type(value)](value) if type(value) in _SEEN else value


def unseen(value: Any) -> Any:
    """A value of custom code as one that leaves it."""
    if isinstance(value, WorkflowImageData):
        return value.whole()
    if isinstance(value, boxes.Detections):
        return _found(value)
    if isinstance(value, VideoMetadata):
        return value.moment if value.moment is not None else _moment(value)
    if isinstance(value, list | tuple | set | frozenset):
        return type(value)(unseen(v) for v in value) if type(value) in (list, tuple) else [unseen(v) for v in value]
    if isinstance(value, Mapping):
        return {k: unseen(v) for k, v in value.items()}
    return value


def _image(image: Image) -> WorkflowImageData:
    height, width = image.origin.root_hw or image.size_hw
    x, y = (int(v) for v in image.origin.offset_xy)
    place = OriginCoordinatesSystem(x, y, width, height)
    return WorkflowImageData(ImageParentMetadata(image.origin.source or "image", place, image))


def _video(image: Image | None) -> VideoMetadata:
    moment = None if image is None else image.moment
    return _when(moment) if moment is not None else VideoMetadata("", 0, datetime.now(UTC))


def _when(moment: Moment) -> VideoMetadata:
    taken = datetime.fromtimestamp(moment.taken_at or moment.seconds, UTC)
    return VideoMetadata(moment.source, moment.index, taken, moment.fps or 30, None, moment.is_file, moment)


def _moment(video: VideoMetadata) -> Moment:
    return Moment(video.video_identifier, int(video.frame_number), 0.0, video.fps, video.frame_timestamp.timestamp())


def _decoded(text: str) -> Any:
    import base64

    import cv2

    return cv2.imdecode(np.frombuffer(base64.b64decode(text.rpartition(",")[2]), np.uint8), cv2.IMREAD_COLOR)


def _objects(found: Found) -> boxes.Detections:
    n = len(found)
    names, ids = np.array(found.names, dtype=str), np.array(detection_ids(found), dtype=str)
    data: dict[str, Any] = {"class_name": names, "detection_id": ids, **found.data}
    if found.size_hw is not None:
        data["image_dimensions"] = np.tile(np.array(found.size_hw), (n, 1))
    if found.keypoints is not None:
        data |= {"keypoints_xy": found.keypoints.xy, "keypoints_confidence": found.keypoints.confidence}
    mask = None if found.masks is None else found.masks.dense()
    metadata = {"classes": list(found.classes)}
    return boxes.Detections(
        found.xyxy, mask, found.confidence, found.class_id, found.track_id, data, metadata, replace(found[:0], data={})
    )


def _found(objects: boxes.Detections) -> Found:
    n, frame = len(objects), objects.frame
    class_id, classes = _named(objects, frame)
    data = {k: np.asarray(v) for k, v in objects.data.items() if k not in _DERIVED and v is not None}
    sure = np.ones(n) if objects.confidence is None else np.asarray(objects.confidence)
    return Found(
        np.asarray(objects.xyxy, np.float32),
        sure.astype(np.float32),
        class_id,
        classes,
        None if objects.mask is None else Masks.from_dense(np.asarray(objects.mask, bool)),
        _points(objects, frame),
        None if objects.tracker_id is None else np.asarray(objects.tracker_id, np.int64),
        data,
        None if frame is None else frame.origin,
        None if frame is None else frame.size_hw,
    )


def _named(objects: boxes.Detections, frame: Found | None) -> tuple[Any, tuple[str, ...]]:
    """Class ids and classes so that each row keeps its name: ids stay where one id means one name."""
    known = [str(c) for c in objects.metadata.get("classes", () if frame is None else frame.classes)]
    names = objects.data.get("class_name")
    ids = np.zeros(len(objects), np.int64) if objects.class_id is None else np.asarray(objects.class_id, np.int64)
    if names is None:
        return ids, (*known, *(f"class_{i}" for i in range(len(known), int(ids.max(initial=-1)) + 1)))
    by_id = {int(i): str(name) for i, name in zip(ids, names, strict=True)}
    if objects.class_id is not None and all(by_id[int(i)] == str(name) for i, name in zip(ids, names, strict=True)):
        count = max(len(known), int(ids.max(initial=-1)) + 1)
        return ids, tuple(by_id.get(i) or (known[i] if i < len(known) else f"class_{i}") for i in range(count))
    classes = list(dict.fromkeys([*known, *map(str, names)]))
    return np.array([classes.index(str(name)) for name in names], np.int64), tuple(classes)


def _points(objects: boxes.Detections, frame: Found | None) -> Keypoints | None:
    xy = objects.data.get("keypoints_xy")
    if xy is None:
        return None
    xy = np.asarray(xy, np.float32)
    xy = xy if xy.ndim == 3 else xy.reshape(len(objects), -1 if xy.size else 0, 2)
    sure = objects.data.get("keypoints_confidence")
    sure = np.ones(xy.shape[:2], np.float32) if sure is None else np.asarray(sure, np.float32)
    old = frame.keypoints.skeleton if frame is not None and frame.keypoints is not None else Skeleton(())
    skeleton = old if len(old.names) == xy.shape[1] else Skeleton(tuple(f"point_{i}" for i in range(xy.shape[1])))
    return Keypoints(xy, sure, sure > 0, skeleton)


def _scores(found: Classification) -> dict[str, Any]:
    rows: list[dict[str, Any]] = [
        {"class": name, "class_id": found.classes.index(name), "confidence": float(sure)}
        for name, sure in found.top(len(found.classes))
    ]
    if found.multi_label:
        by_name = {row["class"]: {"class_id": row["class_id"], "confidence": row["confidence"]} for row in rows}
        return {"predictions": by_name, "predicted_classes": [r["class"] for r in rows if r["confidence"] >= 0.5]}
    best = rows[0] if rows else {"class": "", "confidence": 0.0}
    return {"predictions": rows, "top": best["class"], "confidence": best["confidence"]}


_SEEN: Mapping[type[Any], Any] = {
    Image: _image,
    Found: _objects,
    Moment: _when,
    Classification: _scores,
    Embedding: lambda v: v.vector.copy(),
    DepthMap: lambda v: v.depth.copy(),
    Answer: lambda v: v.text,
    SegmentationMap: lambda v: v.to_json(),
    TextLines: lambda v: v.to_json(),
}


def modules() -> dict[str, types.ModuleType]:
    """Stand-ins for modules of other systems, by name."""
    entities = (Batch, WorkflowImageData, VideoMetadata, ImageParentMetadata, OriginCoordinatesSystem)
    contents: dict[str, Mapping[str, Any]] = {
        "supervision": boxes.NAMES,
        "inference.core.workflows.execution_engine.entities.base": {c.__name__: c for c in entities},
        "inference.core.workflows.prototypes.block": {"BlockResult": dict[str, Any]},
    }
    found: dict[str, types.ModuleType] = {}
    for name, names in contents.items():
        parts = name.split(".")
        for depth in range(1, len(parts) + 1):
            path = ".".join(parts[:depth])
            module = found.setdefault(path, types.ModuleType(path))
            module.__path__ = []
            if depth > 1:
                setattr(found[".".join(parts[: depth - 1])], parts[depth - 1], module)
        found[name].__dict__.update(names)
        known = ", ".join(names)
        found[name].__dict__["__getattr__"] = _missing(name, known)
    return found


def _missing(module: str, known: str) -> Any:
    def missing(name: str) -> Any:
        raise AttributeError(f"{module}.{name} is not there: in custom code this is a small stand-in. It has: {known}.")

    return missing
