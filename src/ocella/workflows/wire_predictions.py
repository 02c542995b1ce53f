"""Scores, vectors, maps and text as JSON: the response forms of hosted inference, and ours."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.types import Classification, DepthMap, Embedding, SegmentationMap, TextLines
from ocella.workflows.wire_plain import decimals

__all__ = [
    "read_classification",
    "read_embedding",
    "read_segmentation_map",
    "write_classification",
    "write_depth_map",
    "write_segmentation_map",
    "write_text_lines",
]

_NEVER = 2.0  # more than any score


def write_classification(value: Classification) -> dict[str, Any]:
    """One label: predictions as a list, best first, with `top` and `confidence`. Several: predictions by class, and the
    `predicted_classes` that count as found.
    """
    order = np.argsort(-value.confidence, kind="stable").tolist()
    scores = decimals(value.confidence)
    image = {} if value.size_hw is None else {"image": {"width": value.size_hw[1], "height": value.size_hw[0]}}
    if value.multi_label:
        return image | {
            "predictions": {name: {"confidence": scores[i], "class_id": i} for i, name in enumerate(value.classes)},
            "predicted_classes": [value.classes[i] for i in order if scores[i] >= value.least],
        }
    return image | {
        "predictions": [{"class": value.classes[i], "class_id": i, "confidence": scores[i]} for i in order],
        "top": value.classes[order[0]] if order else "",
        "confidence": scores[order[0]] if order else 0.0,
    }


def read_classification(value: Any) -> Classification:
    """Scores from Classification, our JSON form, or the response form. Raises InvalidValue."""
    if isinstance(value, Classification):
        return value
    if not isinstance(value, Mapping):
        raise InvalidValue(f"expected a classification, got {type(value).__name__}.")
    if value.get("type") == "classification":
        return Classification.from_json(dict(value))
    given = value.get("predictions")
    multi_label, size = isinstance(given, Mapping), value.get("image")
    try:
        if isinstance(given, Mapping):
            rows = [(int(p.get("class_id", i)), name, p["confidence"]) for i, (name, p) in enumerate(given.items())]
        elif isinstance(given, list):
            rows = [(int(p.get("class_id", i)), p["class"], p["confidence"]) for i, p in enumerate(given)]
        else:
            raise InvalidValue('expected a classification as {"predictions": [...] or {...}}.')
        return Classification(
            np.array([float(c) for _, _, c in sorted(rows, key=lambda r: r[0])], np.float32),
            tuple(str(name) for _, name, _ in sorted(rows, key=lambda r: r[0])),
            multi_label=multi_label,
            size_hw=None if size is None else (int(size["height"]), int(size["width"])),
            least=_least(value, given) if isinstance(given, Mapping) else Classification.least,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise InvalidValue(f"each class of a classification needs class, class_id and confidence: {error}.") from error


def _least(value: Mapping[str, Any], given: Mapping[str, Any]) -> float:
    """From which score on classes count as found, by those that it says were."""
    scores = {name: float(p["confidence"]) for name, p in given.items()}
    usual = {name for name, score in scores.items() if score >= Classification.least}
    named = usual if value.get("predicted_classes") is None else set(value["predicted_classes"])
    return Classification.least if named == usual else min((scores.get(n, 1.0) for n in named), default=_NEVER)


def read_embedding(value: Any) -> Embedding:
    """A vector from Embedding, our JSON form, or a list of numbers, which is brought to length 1; no model is known then."""
    if isinstance(value, Embedding):
        return value
    if isinstance(value, Mapping) and value.get("type") == "embedding":
        return Embedding.from_json(dict(value))
    if not isinstance(value, list | tuple | np.ndarray):
        raise InvalidValue(f"expected an embedding, got {type(value).__name__}.")
    try:
        vector = np.asarray(value, np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidValue(f"expected an embedding as a list of numbers: {error}.") from error
    length = float(np.linalg.norm(vector)) if vector.ndim == 1 else 0.0
    if not np.isfinite(length) or length == 0:
        raise InvalidValue(f"expected an embedding as a list of finite numbers that are not all 0, got {len(value)}.")
    return Embedding((vector / length).astype(np.float32), "")


def write_segmentation_map(value: SegmentationMap) -> dict[str, Any]:
    """A PNG of class ids in base64 (8 bits, 16 for more than 255 classes; the largest number is unlabelled), and what the
    ids mean.
    """
    deep = len(value.classes) > 255
    blank = 65535 if deep else 255
    ids = np.where(value.class_id < 0, blank, value.class_id).astype(np.uint16 if deep else np.uint8)
    height, width = value.class_id.shape
    inside = {
        "segmentation_mask": _png(ids),
        "class_map": {str(i): name for i, name in enumerate(value.classes)},
        "present_class_ids": [int(i) for i in np.unique(value.class_id) if i >= 0],
        "unlabelled": blank,
    }
    return {"image": {"width": width, "height": height}, "predictions": inside}


def read_segmentation_map(value: Any) -> SegmentationMap:
    """A map from SegmentationMap, our JSON form, or the response form. Raises InvalidValue."""
    if isinstance(value, SegmentationMap):
        return value
    if not isinstance(value, Mapping):
        raise InvalidValue(f"expected a segmentation map, got {type(value).__name__}.")
    if value.get("type") == "segmentation_map":
        return SegmentationMap.from_json(dict(value))
    inside = value.get("predictions")
    if not isinstance(inside, Mapping) or "segmentation_mask" not in inside or "class_map" not in inside:
        raise InvalidValue('expected a segmentation map as {"predictions": {"segmentation_mask", "class_map"}}.')
    from PIL import Image as Pillow

    try:
        with Pillow.open(BytesIO(b64decode(inside["segmentation_mask"], validate=True))) as picture:
            ids = np.asarray(picture).astype(np.int64)
    except (OSError, ValueError, TypeError) as error:
        raise InvalidValue(f"segmentation_mask must be a PNG in base64: {error}.") from error
    names = {int(i): str(name) for i, name in inside["class_map"].items()}
    classes = tuple(names.get(i, f"class_{i}") for i in range(max(names, default=-1) + 1))
    return SegmentationMap(np.where(ids == inside.get("unlabelled", -1), -1, ids).astype(np.int32), classes)


def write_depth_map(value: DepthMap) -> dict[str, Any]:
    """Nearness 0 to 1, 1 nearest, as a 16-bit PNG in base64; with the depths of the nearest and farthest pixel."""
    near, far = (float(f(value.depth)) if value.depth.size else 0.0 for f in (np.min, np.max))
    span = far - near or 1.0
    nearness = np.rint((far - value.depth.astype(np.float64)) / span * 65535).astype(np.uint16)
    height, width = value.depth.shape
    return {
        "image": {"width": width, "height": height},
        "normalized_depth": _png(nearness),
        "depth_map_format": "png16",
        "nearest": near,
        "farthest": far,
        "metric": value.metric,
    }


def write_text_lines(value: TextLines) -> dict[str, Any]:
    """The whole text, and each line with its outline."""
    rows = zip(value.texts, value.confidence, value.polygons, strict=True)
    return {
        "text": value.text,
        "lines": [
            {"text": t, "confidence": float(c), "points": [{"x": float(x), "y": float(y)} for x, y in p]}
            for t, c, p in rows
        ],
    }


def _png(values: npt.NDArray[Any]) -> str:
    from PIL import Image as Pillow

    buffer = BytesIO()
    Pillow.fromarray(values).save(buffer, "PNG")
    return b64encode(buffer.getvalue()).decode()
