"""Values that come from outside, by kind: images in every form, predictions as JSON, plain values checked."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ocella.errors import InvalidValue, Unreadable
from ocella.types import Image, Moment, Origin
from ocella.workflows.kinds import KINDS
from ocella.workflows.services import Services
from ocella.workflows.wire_predictions import read_classification, read_detections, read_embedding

__all__ = ["read_image", "read_value"]


def read_value(kind: str, value: Any, services: Services) -> Any:
    """A value of that kind from its Python value or its JSON form; raises InvalidValue, for images Unreadable too."""
    reader = _READERS.get(kind)
    if reader is not None:
        return reader(value, services)
    wanted = KINDS[kind]
    fits = isinstance(value, wanted.types) and (
        bool in wanted.types or not isinstance(value, bool) or object in wanted.types
    )
    if not fits:
        names = " or ".join(dict.fromkeys(t.__name__ for t in wanted.types))
        raise InvalidValue(f"expected {kind} ({names}), got {type(value).__name__} {_short(value)}.")
    if kind == "float_zero_to_one" and not 0 <= value <= 1:
        raise InvalidValue(f"expected a number within 0..1, got {value}.")
    return value


def read_image(value: Any, services: Services) -> Image:  # noqa: PLR0911  # one line a form
    """An image from an Image, an RGB array, encoded bytes, a path, an address, or {"type": "base64"|"url"|"file", "value": ...}.
    Paths and addresses need the operator's permission.
    """
    if isinstance(value, Image):
        return value
    if isinstance(value, np.ndarray):
        return Image(value if value.ndim == 3 else np.repeat(value[..., None], 3, axis=2))
    if isinstance(value, bytes):
        return _decoded("bytes", value)
    if isinstance(value, Path):
        return _from_file(str(value), services)
    if isinstance(value, Mapping):
        return _described(value, services)
    if isinstance(value, str):
        return _from_text(value, services)
    if hasattr(value, "convert") and hasattr(value, "tobytes"):  # Pillow's image
        return Image(np.asarray(value.convert("RGB")))
    raise InvalidValue(f"expected an image (Image, array, bytes, path, address or base64), got {type(value).__name__}.")


def _described(value: Mapping[str, Any], services: Services) -> Image:
    kind, inside = value.get("type"), value.get("value")
    if kind == "image" and "rgb" in value:
        return Image.from_json(dict(value))
    if kind == "base64" and isinstance(inside, str):
        image = _from_base64(inside)
    elif kind in ("url", "file") and isinstance(inside, str):
        image = _from_url(inside, services) if kind == "url" else _from_file(inside, services)
    elif kind == "numpy":
        raise InvalidValue('images of type "numpy" are pickles, which are never opened. Send base64 of a PNG.')
    else:
        raise InvalidValue(f'expected {{"type": "base64"|"url"|"file", "value": text}}, got type {kind!r}.')
    return _placed(image, value)


def _placed(image: Image, value: Mapping[str, Any]) -> Image:
    """With the origin and the moment that the JSON form carries."""
    origin = image.origin
    if isinstance(value.get("root_parent_origin"), Mapping):
        place = value["root_parent_origin"]
        at = (
            float(place.get("offset_x", place.get("left_top_x", 0))),
            float(place.get("offset_y", place.get("left_top_y", 0))),
        )
        root = int(place["height"]), int(place["width"])
        origin = Origin(str(value.get("root_parent_id", "")), at, (1.0, 1.0), root)
    moment = value.get("video_metadata")
    return Image(image.pixels, origin, _moment(moment) if moment is not None else image.moment)


def _moment(value: Any, services: Services | None = None) -> Moment:
    del services
    if isinstance(value, Moment):
        return value
    if not isinstance(value, Mapping):
        raise InvalidValue(f"expected video metadata, got {type(value).__name__}.")
    try:
        if "video_identifier" in value:
            fps = float(value.get("fps") or 0)
            number = int(value["frame_number"])
            taken = _seconds(value.get("frame_timestamp"))
            seconds = (
                taken - _seconds(value["started_at"]) if value.get("started_at") else (number / fps if fps else 0.0)
            )
            return Moment(
                str(value["video_identifier"]),
                number,
                max(seconds, 0.0),
                fps,
                taken,
                bool(value.get("comes_from_video_file")),
            )
        return Moment.from_json(dict(value))
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidValue(
            f"video metadata needs video_identifier, frame_number and frame_timestamp: {error}."
        ) from error


def _seconds(value: Any) -> float:
    from datetime import datetime

    return datetime.fromisoformat(value).timestamp() if isinstance(value, str) else float(value or 0)


def _from_text(value: str, services: Services) -> Image:
    if value.startswith(("http://", "https://")):
        return _from_url(value, services)
    if value.startswith("data:") or (len(value) > 256 and "/" not in value[:1] and "." not in value[:64]):
        return _from_base64(value)
    return _from_file(value, services)


def _from_base64(value: str) -> Image:
    import base64
    import binascii

    head, comma, rest = value.partition(",")
    text = rest if comma and head.startswith("data:") else value
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidValue(f"expected base64 of an encoded image: {error}.") from error
    return _decoded("base64", data)


def _from_file(value: str, services: Services) -> Image:
    services.require("read-files", f"Reading the image '{value}'")
    from ocella.media.load import load
    from ocella.types import ImageRef

    return load(ImageRef(value, Path(value)))


def _from_url(value: str, services: Services) -> Image:
    services.require("read-urls", f"Fetching the image '{value}'")
    from ocella.workflows.fetch import fetch

    return _decoded(value, fetch(value))


def _decoded(name: str, data: bytes) -> Image:
    from ocella.media.load import load
    from ocella.types import ImageRef

    try:
        image = load(ImageRef(name, data=data))
    except Unreadable as error:
        raise Unreadable(f"The image ({name}, {len(data)} bytes) cannot be decoded: {error}") from error
    return Image(image.pixels, Origin(""))


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


_READERS: Mapping[str, Callable[[Any, Services], Any]] = {
    "image": read_image,
    "video_metadata": _moment,
    "classification_prediction": lambda value, _: read_classification(value),
    "embedding": lambda value, _: read_embedding(value),
    **{
        kind.name: lambda value, _: read_detections(value)
        for kind in KINDS.values()
        if kind.name.endswith(("detection_prediction", "instance_segmentation_prediction", "code_detection"))
    },
}
