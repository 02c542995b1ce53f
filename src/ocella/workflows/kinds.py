"""Kinds: what flows along the edges of a workflow, by the names that definitions use."""

import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Annotated, Any

import numpy as np

from ocella.types import (
    Answer,
    Classification,
    DepthMap,
    Detections,
    Embedding,
    Image,
    Moment,
    SegmentationMap,
    TextLines,
)

__all__ = [
    "ANY",
    "DETECTIONS",
    "KINDS",
    "BarCodes",
    "Instances",
    "Is",
    "KeypointObjects",
    "Kind",
    "Objects",
    "QrCodes",
    "Secret",
    "Timestamp",
    "Unit",
    "Zone",
    "fits",
    "given_kinds",
    "taken_kinds",
]

ANY = "*"


@dataclass(frozen=True)
class Kind:
    """A name, what it means, and the Python types of its values."""

    name: str
    meaning: str
    types: tuple[type, ...]


@dataclass(frozen=True)
class Is:
    """In `Annotated[type, Is("zone")]`: the kind, where the type does not tell it."""

    kind: str


_TABLE = (
    Kind(ANY, "Anything.", (object,)),
    Kind("image", "An image.", (Image,)),
    Kind("video_metadata", "When a picture of a video was taken.", (Moment,)),
    Kind("object_detection_prediction", "Objects with boxes.", (Detections,)),
    Kind("instance_segmentation_prediction", "Objects with boxes and masks.", (Detections,)),
    Kind("rle_instance_segmentation_prediction", "Objects with boxes and run-length masks.", (Detections,)),
    Kind("keypoint_detection_prediction", "Objects with boxes and keypoints.", (Detections,)),
    Kind("qr_code_detection", "QR codes that were read.", (Detections,)),
    Kind("bar_code_detection", "Bar codes that were read.", (Detections,)),
    Kind("detection", "One object.", (Detections,)),
    Kind("classification_prediction", "Scores over classes.", (Classification,)),
    Kind("semantic_segmentation_prediction", "A class for every pixel.", (SegmentationMap,)),
    Kind("depth_map", "Distance of every pixel.", (DepthMap,)),
    Kind("text_lines", "Lines of text and where they are.", (TextLines,)),
    Kind("embedding", "A vector that stands for an image or a text.", (Embedding,)),
    Kind("numpy_array", "An array of numbers.", (np.ndarray,)),
    Kind("tensor", "An array of numbers.", (np.ndarray,)),
    Kind("language_model_output", "What a language model said.", (str, Answer)),
    Kind("string", "Text.", (str,)),
    Kind("top_class", "The name of the best class.", (str,)),
    Kind("secret", "Text that is never shown.", (str,)),
    Kind("roboflow_model_id", "The name of a model.", (str,)),
    Kind("roboflow_project", "The name of a project.", (str,)),
    Kind("roboflow_solution", "The name of a use case.", (str,)),
    Kind("roboflow_api_key", "A key of the hosted platform.", (str,)),
    Kind("ROBOFLOW_MANAGED_KEY", "A key that the hosted platform keeps.", (str,)),
    Kind("inference_id", "The name of one run of a model.", (str,)),
    Kind("parent_id", "The name of what a value was made from.", (str,)),
    Kind("prediction_type", "What a prediction is.", (str,)),
    Kind("bytes", "Raw bytes.", (bytes,)),
    Kind("boolean", "True or false.", (bool,)),
    Kind("integer", "A whole number.", (int,)),
    Kind("float", "A number.", (float, int)),
    Kind("float_zero_to_one", "A number within 0..1.", (float, int)),
    Kind("list_of_values", "A list.", (list, tuple)),
    Kind("dictionary", "Values by name.", (dict,)),
    Kind("serialised_payloads", "What a sink sends.", (list, tuple)),
    Kind("contours", "Outlines, each an array of points.", (list, tuple)),
    Kind("detections_overlaps", "Pairs of objects that overlap.", (list, tuple)),
    Kind("labeled_points", "Points that are on an object or not.", (list, tuple)),
    Kind("point", "A point: x, y.", (list, tuple)),
    Kind("zone", "A polygon: points x, y.", (list, tuple)),
    Kind("rgb_color", "Red, green, blue, 0..255.", (list, tuple, str)),
    Kind("image_keypoints", "Points of an image that classical vision finds.", (list, tuple)),
    Kind("image_metadata", "Facts about an image.", (dict,)),
    Kind("timestamp", "A date and time.", (datetime,)),
)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _TABLE}
DETECTIONS = frozenset(kind.name for kind in _TABLE if kind.types == (Detections,))

_TEXTS = frozenset(kind.name for kind in _TABLE if str in kind.types) - {"rgb_color"}
_NUMBERS = frozenset({"float", "integer", "float_zero_to_one"})
_LISTS = frozenset(kind.name for kind in _TABLE if list in kind.types)
_DICTS = frozenset({"dictionary", "image_metadata"})
_GIVES: Mapping[Any, str] = {
    Image: "image",
    Moment: "video_metadata",
    Classification: "classification_prediction",
    SegmentationMap: "semantic_segmentation_prediction",
    DepthMap: "depth_map",
    TextLines: "text_lines",
    Embedding: "embedding",
    Answer: "language_model_output",
    np.ndarray: "numpy_array",
    str: "string",
    bytes: "bytes",
    bool: "boolean",
    int: "integer",
    float: "float",
    list: "list_of_values",
    tuple: "list_of_values",
    dict: "dictionary",
    datetime: "timestamp",
}
_TAKES: Mapping[Any, frozenset[str]] = {
    str: _TEXTS,
    int: frozenset({"integer"}),
    float: _NUMBERS,
    list: _LISTS,
    tuple: _LISTS,
    dict: _DICTS,
    np.ndarray: frozenset({"numpy_array", "tensor"}),
}

Objects = Annotated[Detections, Is("object_detection_prediction")]
Instances = Annotated[Detections, Is("instance_segmentation_prediction")]
KeypointObjects = Annotated[Detections, Is("keypoint_detection_prediction")]
QrCodes = Annotated[Detections, Is("qr_code_detection")]
BarCodes = Annotated[Detections, Is("bar_code_detection")]
Secret = Annotated[str, Is("secret")]
Timestamp = Annotated[datetime, Is("timestamp")]
Zone = Annotated[list[Any], Is("zone")]


def _unit() -> Any:
    from pydantic import Field

    return Annotated[float, Is("float_zero_to_one"), Field(ge=0, le=1)]


Unit: Any = _unit()
"""A number within 0..1."""

# a mask is a mask however it is packed, and what carries a mask or keypoints has boxes too
_WIDER: Mapping[str, frozenset[str]] = {
    "object_detection_prediction": DETECTIONS,
    "instance_segmentation_prediction": frozenset(
        {"instance_segmentation_prediction", "rle_instance_segmentation_prediction"}
    ),
    "float_zero_to_one": _NUMBERS,
    "zone": frozenset({"zone", "list_of_values"}),
    "rgb_color": frozenset({"rgb_color", "list_of_values", "string"}),
    "timestamp": frozenset({"timestamp"}),
}


@cache
def given_kinds(annotation: Any) -> frozenset[str]:
    """Kinds of the values that an output with this annotation gives."""
    named = _named(annotation)
    if named is not None:
        return frozenset({named})
    parts = _union(annotation)
    if parts is not None:
        return frozenset().union(*(given_kinds(p) for p in parts if p is not type(None))) or frozenset({ANY})
    bare = _bare(annotation)
    if bare is Detections:
        return DETECTIONS
    return frozenset({_GIVES.get(bare, ANY)})


@cache
def taken_kinds(annotation: Any) -> frozenset[str]:
    """Kinds of the values that an input with this annotation takes."""
    named = _named(annotation)
    if named is not None:
        return _WIDER.get(named) or (_TEXTS if named in _TEXTS else frozenset({named}))
    parts = _union(annotation)
    if parts is not None:
        return frozenset().union(*(taken_kinds(p) for p in parts if p is not type(None))) or frozenset({ANY})
    bare = _bare(annotation)
    if typing.get_origin(annotation) is typing.Literal:
        classes: list[Any] = [type(v) for v in typing.get_args(annotation)]
        return frozenset().union(*(taken_kinds(c) for c in classes))
    return _TAKES.get(bare) or given_kinds(bare)


def fits(given: frozenset[str], taken: frozenset[str]) -> bool:
    """Whether a value of one of these kinds may be what is wanted."""
    return ANY in given or ANY in taken or bool(given & taken)


def _named(annotation: Any) -> str | None:
    found = [m.kind for m in getattr(annotation, "__metadata__", ()) if isinstance(m, Is)]
    return found[0] if found else None


def _union(annotation: Any) -> tuple[Any, ...] | None:
    bare = typing.get_args(annotation)[0] if typing.get_origin(annotation) is Annotated else annotation
    origin = typing.get_origin(bare)
    return typing.get_args(bare) if origin in (typing.Union, types.UnionType) else None


def _bare(annotation: Any) -> Any:
    if typing.get_origin(annotation) is Annotated:
        annotation = typing.get_args(annotation)[0]
    return typing.get_origin(annotation) or annotation
