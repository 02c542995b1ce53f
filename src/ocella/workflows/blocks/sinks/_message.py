"""Texts with values in them, and values as files."""

import json
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from ocella.errors import InvalidValue
from ocella.types import Image
from ocella.workflows.query import Operations
from ocella.workflows.wire_out import write_value

__all__ = ["as_bytes", "as_file", "as_json", "as_list", "computed", "filled", "one_line"]

_GAP = re.compile(r"{{\s*\$parameters\.(\w+)\s*}}")


def computed(values: Mapping[str, Any], operations: Mapping[str, Operations]) -> dict[str, Any]:
    """Values after the operations on them."""
    return {name: operations[name](value) if operations.get(name) else value for name, value in values.items()}


def filled(text: str, values: Mapping[str, Any], operations: Mapping[str, Operations]) -> str:
    """The text with each {{ $parameters.name }} that has a value replaced by it."""
    wanted = {name for name in _GAP.findall(text) if name in values}
    known = computed({name: values[name] for name in wanted}, operations)
    return _GAP.sub(lambda gap: _text(known[gap[1]]) if gap[1] in known else gap[0], text)


def as_file(name: str, value: Any) -> tuple[str, bytes, str]:
    """Name, content and media type: texts as they are, images as JPEG, bytes as bytes."""
    if isinstance(value, Image):
        jpeg = name if name.lower().endswith((".jpg", ".jpeg")) else f"{name}.jpg"
        return jpeg, as_bytes(value), "image/jpeg"
    if isinstance(value, str):
        return name, value.encode(), "text/csv" if name.endswith(".csv") else "text/plain"
    if isinstance(value, bytes):
        kind = "image/jpeg" if value[:3] == b"\xff\xd8\xff" else "application/octet-stream"
        return name, value, kind
    raise InvalidValue(f"'{name}' expected text, bytes or an image, got {type(value).__name__}. Convert it before.")


def as_bytes(image: Image, quality: int = 95) -> bytes:
    """A JPEG."""
    import cv2

    data: bytes = cv2.imencode(".jpg", image.pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
    return data


def as_json(value: Any) -> Any:
    """A value as it goes into a JSON body; images as JPEG in base64."""
    return write_value(value)


def as_list(value: str | list[str] | None) -> list[str]:
    """One or many as many."""
    return [] if not value else [value] if isinstance(value, str) else list(value)


def one_line(content: str) -> str:
    """JSON without line breaks; raises InvalidValue where the text is none."""
    try:
        return json.dumps(json.loads(content))
    except ValueError as error:
        raise InvalidValue(f"'content' expected JSON, as 'file_type' says, got text that is none: {error}.") from error


def _text(value: Any) -> str:
    if value is None or isinstance(value, str | int | float | list | tuple | dict | np.ndarray | np.generic):
        return str(value)
    return str(write_value(value, images="shape"))
