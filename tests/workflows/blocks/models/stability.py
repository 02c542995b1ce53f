"""A loopback server that answers with a picture, and the parts of what it was sent."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow
from tests.workflows.blocks.models.chat import KEY
from tests.workflows.blocks.sinks.loopback import Request, Web, web

__all__ = ["drawing", "parts"]


@contextmanager
def drawing(pixels: npt.NDArray[np.uint8]) -> Iterator[Web]:
    buffer = io.BytesIO()
    Pillow.fromarray(pixels).save(buffer, "PNG")
    with web(lambda _: (200, buffer.getvalue())) as server:
        yield server


def parts(request: Request) -> dict[str, Any]:
    """Text as text, pictures as pixels."""
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert request.headers["Accept"] == "image/*"
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    found: dict[str, Any] = {}
    for part in message_from_bytes(head + request.body).walk():
        name, content = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            is_picture = part.get_content_type() == "image/png"
            found[name] = (
                np.asarray(Pillow.open(io.BytesIO(content)).convert("RGB")) if is_picture else content.decode()
            )
    return found
