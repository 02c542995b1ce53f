"""Values as bytes between the engine and the process that runs custom code. Reading builds data and never calls what the
other side names, so a process that was taken over can send wrong values but nothing else.
"""

import json
import re
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, cast

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.types import (
    Answer,
    Classification,
    DepthMap,
    Detections,
    Embedding,
    Image,
    Keypoints,
    Masks,
    Moment,
    Origin,
    SegmentationMap,
    TextLines,
)
from ocella.types.keypoints import Skeleton

__all__ = ["Batched", "NotData", "pack", "read_frame", "unpack", "write_frame"]

_HEAD = struct.Struct(">4sIQ")
_MAGIC = b"OCCC"
_DTYPE = re.compile(r"[<>|=]?(?:[biufcSU]\d+|[mM]8(?:\[\w+\])?)")
_LARGEST_MASK = 2**28
"""Pixels; a few bytes of run lengths must not stand for gigabytes."""
_TEXTUAL: tuple[type[Any], ...] = (Answer, SegmentationMap, TextLines, Classification)


class NotData(InvalidValue):
    """Bytes, or a value, that this codec does not carry."""


@dataclass(frozen=True)
class Batched:
    """Values of several elements, which custom code sees as a `Batch`."""

    values: Sequence[Any]


def write_frame(stream: BinaryIO, value: Any, *, text: int, blobs: int) -> None:
    """Write one value; raises NotData where its text or arrays are larger than allowed (bytes)."""
    head, parts = pack(value)
    size = sum(p.nbytes for p in parts)
    if len(head) > text or size > blobs:
        raise NotData(f"the value is too large: {len(head) + size:,} bytes. Return less.")
    stream.write(_HEAD.pack(_MAGIC, len(head), size))
    stream.write(head)
    stream.writelines(parts)
    stream.flush()


def read_frame(stream: BinaryIO, *, text: int, blobs: int) -> Any:
    """Read one value. Raises EOFError at the end, NotData for anything that is no frame or larger than allowed."""
    magic, length, size = _HEAD.unpack(_exactly(stream, _HEAD.size))
    if magic != _MAGIC or length > text or size > blobs:
        raise NotData("the bytes are no value, or a larger one than allowed.")
    return unpack(_exactly(stream, length), _exactly(stream, size))


def pack(value: Any) -> tuple[bytes, list[memoryview]]:
    """Text and the arrays beside it."""
    writer = _Writer()
    tree = writer.put(value)
    return json.dumps(tree, separators=(",", ":")).encode(), writer.parts


def unpack(head: bytes, blob: bytes) -> Any:
    """The value; raises NotData where the bytes hold none."""
    try:
        return _Reader(blob).get(json.loads(head))
    except NotData:
        raise
    except (ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError) as error:
        raise NotData(f"the bytes hold no valid value: {error}") from error


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise EOFError
    return data


class _Writer:
    """Scalars are themselves; everything else is a list that begins with its tag."""

    def __init__(self) -> None:
        self.parts: list[memoryview] = []
        self._size = 0

    def put(self, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float | str):
            return value if type(value) in _PLAIN else _plain(value)
        if isinstance(value, np.generic):
            return self.put(value.item())
        for kind, tag, form in _FORMS:
            if isinstance(value, kind):
                return [tag, *form(self, value)]
        raise NotData(
            f"values of type {type(value).__name__} cannot be handed on. Give numbers, text, lists or arrays."
        )

    def blob(self, data: bytes | npt.NDArray[Any]) -> list[int]:
        view = memoryview(cast("bytes", data)).cast("B") if len(data) else memoryview(b"")
        self.parts.append(view)
        self._size += view.nbytes
        return [self._size - view.nbytes, view.nbytes]

    def array(self, value: npt.NDArray[Any]) -> list[Any]:
        if value.dtype.hasobject:
            return [None, list(value.shape), [self.put(v) for v in value.ravel().tolist()]]
        if not _DTYPE.fullmatch(value.dtype.str):
            raise NotData(f"arrays of {value.dtype} cannot be handed on.")
        flat = np.ascontiguousarray(value).reshape(-1).view(np.uint8) if value.size else np.zeros(0, np.uint8)
        return [value.dtype.str, list(value.shape), self.blob(flat)]

    def mapping(self, value: Mapping[Any, Any]) -> list[Any]:
        return [[[self.put(k), self.put(v)] for k, v in value.items()]]

    def items(self, value: Any) -> list[Any]:
        return [[self.put(v) for v in value]]

    def detections(self, found: Detections) -> list[Any]:
        masks, points = found.masks, found.keypoints
        return [
            self.items(
                [
                    found.xyxy, found.confidence, found.class_id, list(found.classes), found.track_id, dict(found.data),
                    None if masks is None else [masks.counts, masks.starts, list(masks.size_hw)],
                    None if points is None else [
                        points.xy, points.confidence, points.visible, list(points.skeleton.names), list(points.skeleton.edges)
                    ],
                    found.origin and found.origin.to_json(), found.size_hw and list(found.size_hw),
                ]
            )[0]
        ]  # fmt: skip

    def image(self, image: Image) -> list[Any]:
        moment = None if image.moment is None else image.moment.to_json()
        return [self.array(image.pixels), self.put(image.origin.to_json()), self.put(moment)]


def _plain(value: Any) -> Any:
    """A scalar of a subclass, such as an enum's member or numpy's float, as the scalar it is."""
    return next(kind(value) for kind in (bool, int, float, str) if isinstance(value, kind))


_PLAIN = (type(None), bool, int, float, str)
_FORMS: Sequence[tuple[Any, str, Callable[[_Writer, Any], list[Any]]]] = (
    (np.ndarray, "array", _Writer.array),
    (Mapping, "map", _Writer.mapping),
    (Batched, "batch", lambda w, v: w.items(v.values)),
    (tuple, "tuple", _Writer.items),
    ((list, set, frozenset), "list", _Writer.items),
    ((bytes, bytearray), "bytes", lambda w, v: [w.blob(bytes(v))]),
    (Image, "image", _Writer.image),
    (Detections, "detections", _Writer.detections),
    (Moment, "moment", lambda w, v: [w.put(v.to_json())]),
    (Embedding, "embedding", lambda w, v: [w.array(v.vector), v.model]),
    (DepthMap, "depth", lambda w, v: [w.array(v.depth), v.metric]),
    (_TEXTUAL, "json", lambda w, v: [w.put(v.to_json())]),
    (datetime, "datetime", lambda _, v: [v.isoformat()]),
)


class _Reader:
    """The way back; every value is checked by its own type as it is built."""

    def __init__(self, blob: bytes) -> None:
        self._blob = memoryview(blob)

    def get(self, tree: Any) -> Any:
        if not isinstance(tree, list):
            if isinstance(tree, dict):
                raise NotData("the bytes hold no valid value.")
            return tree
        return _BUILDERS[tree[0]](self, *tree[1:])

    def blob(self, place: Sequence[int]) -> memoryview:
        start, size = place
        if not 0 <= start <= start + size <= len(self._blob):
            raise NotData("an array lies outside of its bytes.")
        return self._blob[start : start + size]

    def array(self, dtype: str | None, shape: Sequence[int], content: Any) -> npt.NDArray[Any]:
        if dtype is None:
            items = np.empty(len(content), object)
            for i, item in enumerate(content):  # one by one: a list among them is an item, not a row
                items[i] = self.get(item)
            return items.reshape(shape)
        if not _DTYPE.fullmatch(dtype):
            raise NotData(f"arrays of {dtype} are not carried.")
        data = self.blob(content)
        if not data.nbytes:
            return np.zeros(shape, dtype) if 0 in shape else np.zeros(0, dtype).reshape(shape)
        return np.frombuffer(data, dtype).reshape(shape)

    def items(self, content: Sequence[Any]) -> list[Any]:
        return [self.get(v) for v in content]

    def detections(self, content: Sequence[Any]) -> Detections:
        xyxy, confidence, class_id, classes, track_id, data, masks, points, origin, size = self.items(content)
        if masks is not None:
            counts, starts, (height, width) = masks
            if not 0 <= height * width <= _LARGEST_MASK:
                raise NotData(f"masks of {height} x {width} pixels are larger than allowed.")
            masks = Masks(counts, starts, (int(height), int(width)))
        if points is not None:
            xy, sure, visible, names, edges = points
            points = Keypoints(xy, sure, visible, Skeleton(tuple(names), tuple((int(a), int(b)) for a, b in edges)))
        return Detections(
            xyxy, confidence, class_id, tuple(str(c) for c in classes), masks, points, track_id, data,
            origin and _origin(origin), size and (int(size[0]), int(size[1])),
        )  # fmt: skip

    def image(self, pixels: Sequence[Any], origin: Any, moment: Any) -> Image:
        at = self.get(moment)
        return Image(self.array(*pixels), _origin(self.get(origin)), None if at is None else _moment(at))

    def textual(self, content: Any) -> Any:
        data = self.get(content)
        kinds: Mapping[str, Any] = {
            "answer": Answer,
            "segmentation_map": SegmentationMap,
            "text_lines": TextLines,
            "classification": Classification,
        }
        return kinds[data["type"]].from_json(data)


def _origin(data: Mapping[str, Any]) -> Origin:
    (x, y), (across, down), root = data["offset_xy"], data["scale_xy"], data.get("root_hw")
    size = None if root is None else (int(root[0]), int(root[1]))
    return Origin(str(data["source"]), (float(x), float(y)), (float(across), float(down)), size)


def _moment(data: Mapping[str, Any]) -> Moment:
    seconds, fps, taken = (float(data[k]) for k in ("seconds", "fps", "taken_at"))
    return Moment(str(data["source"]), int(data["index"]), seconds, fps, taken, bool(data["is_file"]))


_BUILDERS: Mapping[str, Callable[..., Any]] = {
    "array": _Reader.array,
    "map": lambda r, pairs: {r.get(k): r.get(v) for k, v in pairs},
    "batch": lambda r, content: Batched(r.items(content)),
    "tuple": lambda r, content: tuple(r.items(content)),
    "list": _Reader.items,
    "bytes": lambda r, place: bytes(r.blob(place)),
    "image": _Reader.image,
    "detections": _Reader.detections,
    "moment": lambda r, content: _moment(r.get(content)),
    "embedding": lambda r, vector, model: Embedding(r.array(*vector), str(model)),
    "depth": lambda r, depth, metric: DepthMap(r.array(*depth), bool(metric)),
    "json": _Reader.textual,
    "datetime": lambda _, text: datetime.fromisoformat(text),
}
