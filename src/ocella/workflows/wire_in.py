"""Values that come from outside, by kind: images in every form, predictions as JSON, plain values checked."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from ocella.errors import InvalidValue, Unreadable
from ocella.types import Image, Origin
from ocella.workflows.kinds import DETECTIONS, KINDS
from ocella.workflows.services import Services
from ocella.workflows.wire_detections import read_detections
from ocella.workflows.wire_origin import read_moment, read_origin
from ocella.workflows.wire_predictions import read_classification, read_embedding, read_segmentation_map

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
    if kind in _FORMS and isinstance(inside, str):
        image = _FORMS[kind](inside, services)
    elif kind in ("numpy", "numpy_object"):
        raise InvalidValue(f'images of type "{kind}" are pickles, which are never opened. Send base64 of a PNG.')
    else:
        raise InvalidValue(f'expected {{"type": "base64"|"url"|"file", "value": text}}, got type {kind!r}.')
    origin, moment = read_origin(value), value.get("video_metadata")
    return Image(image.pixels, origin or image.origin, image.moment if moment is None else read_moment(moment))


def _from_text(value: str, services: Services) -> Image:
    if value.startswith(("http://", "https://")):
        return _from_url(value, services)
    return _from_base64(value, services) if _is_base64(value) else _from_file(value, services)


def _is_base64(value: str) -> bool:
    """Whether text is an image rather than the path of one: by how known formats begin, or as no path is as long."""
    return value.startswith("data:") or (len(value) >= 64 and value.startswith(_HEADS)) or len(value) > 4096


def _from_base64(value: str, services: Services) -> Image:
    import base64
    import binascii

    del services
    head, comma, rest = value.partition(",")
    text = rest if comma and head.startswith("data:") else value
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
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

    return _decoded(value, fetch(value, private="private-addresses" in services.allow))


def _decoded(name: str, data: bytes) -> Image:
    from ocella.media.load import load
    from ocella.types import ImageRef

    try:
        image = load(ImageRef(name, data=data))
    except Unreadable as error:
        raise Unreadable(f"The image ({name}, {len(data)} bytes) cannot be decoded: {error}") from error
    return Image(image.pixels, Origin(""))


def _array(value: Any) -> Any:
    """An array from one, or from lists of numbers."""
    if isinstance(value, list | tuple):
        try:
            value = np.asarray(value)
        except ValueError as error:
            raise InvalidValue(f"expected an array as lists of one length: {error}.") from error
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "biuf":
        raise InvalidValue(f"expected an array of numbers, got {type(value).__name__} {_short(value)}.")
    return value


def _timestamp(value: Any) -> datetime:
    """A time from one, or from ISO 8601."""
    try:
        return value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise InvalidValue(f"expected a time as ISO 8601, got {_short(value)}.") from error


def _bytes(value: Any) -> bytes:
    """Bytes from some, or from base64."""
    import base64
    import binascii

    if isinstance(value, bytes):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, binascii.Error, ValueError) as error:
        raise InvalidValue(f"expected bytes as base64: {error}.") from error


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


_HEADS = ("/9j/", "iVBORw0KGgo", "UklGR", "R0lGOD", "Qk", "SUkq", "TU0A")
"""How JPEG, PNG, WebP, GIF, BMP and TIFF begin in base64."""
_FORMS: Mapping[Any, Callable[[str, Services], Image]] = {
    None: _from_text,
    "base64": _from_base64,
    "url": _from_url,
    "file": _from_file,
}
_READERS: Mapping[str, Callable[[Any, Services], Any]] = {
    "image": read_image,
    "video_metadata": lambda value, _: read_moment(value),
    "classification_prediction": lambda value, _: read_classification(value),
    "semantic_segmentation_prediction": lambda value, _: read_segmentation_map(value),
    "embedding": lambda value, _: read_embedding(value),
    "numpy_array": lambda value, _: _array(value),
    "tensor": lambda value, _: _array(value),
    "timestamp": lambda value, _: _timestamp(value),
    "bytes": lambda value, _: _bytes(value),
    **{kind: lambda value, _: read_detections(value) for kind in DETECTIONS},
}
