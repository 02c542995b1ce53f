from typing import Any

import numpy as np
import pytest
from tests.workflows.blocks.models.chat import KEY, red
from tests.workflows.blocks.models.stability import drawing, parts
from tests.workflows.blocks.sinks.loopback import allowed, web
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow, OcellaError, Refused, Unreadable
from ocella.workflows.services import Services

MADE = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)


def make(url: str, values: dict[str, Any] | None = None, **fields: Any) -> Any:
    settings = {"prompt": "a bicycle", "api_key": KEY, "base_url": url, **fields}
    return run_step("stability_ai_image_gen@v1", values or {}, settings.pop("services", allowed()), **settings)["image"]


def test_from_words() -> None:
    with drawing(MADE) as server:
        found = make(server.url, negative_prompt="cars")
    np.testing.assert_array_equal(found.pixels, MADE)
    (request,) = server.requests
    assert request.path == "/generate/core"
    assert parts(request) == {"prompt": "a bicycle", "negative_prompt": "cars", "output_format": "png"}


@pytest.mark.parametrize(("model", "mode"), [("sd3", {"mode": "image-to-image"}), ("ultra", {})])
def test_like_an_image(model: str, mode: dict[str, str]) -> None:
    with drawing(MADE) as server:
        make(server.url, {"image": red()}, model=model, strength=0.7)
    (request,) = server.requests
    sent = parts(request)
    np.testing.assert_array_equal(sent.pop("image"), red().pixels)
    assert sent == {"prompt": "a bicycle", "output_format": "png", "strength": "0.7", **mode}
    assert request.path == f"/generate/{model}"


@pytest.mark.parametrize(
    ("status", "content", "kind", "message"),
    [
        (403, b"no credits", Refused, "answered 403: no credits. Check 'api_key'"),
        (422, b"bad prompt", OcellaError, "answered 422: bad prompt"),
        (200, b"no picture", Unreadable, "is not an image in a known format"),
    ],
)
def test_what_goes_wrong(status: int, content: bytes, kind: type[Exception], message: str) -> None:
    with web(lambda _: (status, content)) as server, pytest.raises(kind, match=message):
        make(server.url)


def test_what_cannot_be() -> None:
    with pytest.raises(InvalidWorkflow, match="'ultra' or 'sd3'"):
        make("http://localhost", {"image": red()})
    with pytest.raises(Refused, match="your own key of Stability AI"):
        make("http://localhost", api_key="rf_key:account")
    with pytest.raises(Refused, match="--allow send"):
        make("http://localhost", services=Services())
