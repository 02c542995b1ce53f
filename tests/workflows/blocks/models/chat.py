"""A loopback server that speaks the OpenAI chat protocol, and what it was asked."""

import base64
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow
from tests.workflows.blocks.sinks.loopback import Request, Web, allowed, web
from tests.workflows.running import run_step

from ocella.types import Image

__all__ = ["KEY", "ask", "chatting", "picture", "red", "words"]

KEY = "sk-for-tests-only"


@contextmanager
def chatting(*says: str, status: int = 200, **message: Any) -> Iterator[Web]:
    """A server that says these in turn, then the last again; `message` are further parts of what the assistant says."""
    turn = iter(says[:-1])

    def reply(_: Request) -> tuple[int, bytes]:
        said = {"role": "assistant", "content": next(turn, says[-1]), **message}
        return status, json.dumps({"choices": [{"index": 0, "message": said, "finish_reason": "stop"}]}).encode()

    with web(reply) as server:
        yield server


def red(height: int = 20, width: int = 30) -> Image:
    return Image(np.broadcast_to(np.array([230, 20, 10], np.uint8), (height, width, 3)).copy())


def ask(family: str, server: Web, image: Image | None = None, /, **fields: Any) -> Any:
    """Outputs of one step that asks this server about a red image."""
    settings = {"base_url": f"{server.url}/v1", "api_key": KEY, **fields}
    return run_step(family, {"images": image or red()}, allowed(), **settings)


def words(request: Request) -> str:
    """The text that came."""
    (text,) = (part["text"] for part in content(request) if part["type"] == "text")
    assert isinstance(text, str)
    return text


def picture(request: Request) -> npt.NDArray[np.uint8]:
    """The pixels that came."""
    (url,) = (part["image_url"]["url"] for part in content(request) if part["type"] == "image_url")
    kind, _, data = url.partition(",")
    assert kind == "data:image/jpeg;base64"
    with Pillow.open(io.BytesIO(base64.b64decode(data))) as found:
        return np.asarray(found.convert("RGB"))


def content(request: Request) -> Sequence[Mapping[str, Any]]:
    (message,) = (m for m in request.json["messages"] if m["role"] == "user")
    parts: Sequence[Mapping[str, Any]] = message["content"]
    return parts
