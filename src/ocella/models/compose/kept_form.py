"""Answers of networks as small JSON values that come back bit for bit."""

import base64
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from ocella.types import Answer, Classification, Detections, Embedding, Masks, SegmentationMap, TextLines

__all__ = [
    "ANSWER", "CLASSIFICATION", "DETECTIONS", "EMBEDDING", "MASKS", "SEGMENTATION_MAP", "TEXT_LINES", "Form",
]  # fmt: skip

V = TypeVar("V")
_COLUMNS = ("xyxy", "confidence", "class_id")


@dataclass(frozen=True)
class Form(Generic[V]):
    """How a value is written and read; `read` raises KeyError, TypeError or ValueError for what is none."""

    write: Callable[[V], dict[str, Any]]
    read: Callable[[dict[str, Any]], V]


def _pack(array: npt.NDArray[Any]) -> dict[str, Any]:
    """An array's bytes, deflated, in base64."""
    body = zlib.compress(np.ascontiguousarray(array).tobytes(), 1)
    return {"dtype": array.dtype.str, "shape": list(array.shape), "bytes": base64.b64encode(body).decode()}


def _unpack(data: dict[str, Any]) -> npt.NDArray[Any]:
    try:
        body = zlib.decompress(base64.b64decode(data["bytes"]))
    except zlib.error as error:
        raise ValueError(f"damaged bytes: {error}") from error
    return np.frombuffer(body, np.dtype(data["dtype"])).reshape(data["shape"])


def _write_detections(found: Detections) -> dict[str, Any]:
    """The three columns that all have as bytes, the others as they write themselves. Where an image lies is not kept: it
    is no matter of its pixels.
    """
    packed = {name: _pack(getattr(found, name)) for name in _COLUMNS}
    return {**found.replace(origin=None, size_hw=None).to_json(), **packed}


def _read_detections(data: dict[str, Any]) -> Detections:
    return Detections.from_json({**data, **{name: _unpack(data[name]) for name in _COLUMNS}})


def _write_map(found: SegmentationMap) -> dict[str, Any]:
    return {"classes": list(found.classes), "class_id": _pack(found.class_id)}


def _read_map(data: dict[str, Any]) -> SegmentationMap:
    return SegmentationMap(_unpack(data["class_id"]), tuple(data["classes"]))


DETECTIONS = Form(_write_detections, _read_detections)
SEGMENTATION_MAP = Form(_write_map, _read_map)
CLASSIFICATION = Form(Classification.to_json, Classification.from_json)
TEXT_LINES = Form(TextLines.to_json, TextLines.from_json)
ANSWER = Form(Answer.to_json, Answer.from_json)
EMBEDDING = Form(Embedding.to_json, Embedding.from_json)
MASKS = Form(Masks.to_json, Masks.from_json)
