from base64 import b64decode
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
from tests.workflows.blocks.sinks.loopback import Web, allowed, web
from tests.workflows.running import run_step

from ocella.errors import InvalidValue, InvalidWorkflow
from ocella.types import Image

ACCOUNT = {"twilio_account_sid": "AC1", "twilio_auth_token": "secret", "sender_number": "+1", "receiver_number": "+2"}


def tell(
    server: Web, kind: str = "twilio_sms_notification", values: dict[str, Any] | None = None, **fields: Any
) -> Any:
    given = {**ACCOUNT, "message": "hello", "fire_and_forget": False, "twilio_url": server.url, **fields}
    return run_step(kind, values or {}, allowed(), **given)


def test_a_message_goes_to_the_account() -> None:
    with web(lambda _: (201, b"{}")) as server:
        out = tell(
            server,
            message="{{ $parameters.n }} cars",
            message_parameters={"n": 3},
            media_url=["http://a/1", "http://a/2"],
        )
    assert out["error_status"] is False
    (request,) = server.requests
    assert request.path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert b64decode(request.headers["Authorization"].removeprefix("Basic ")) == b"AC1:secret"
    assert parse_qs(request.body.decode()) == {
        "From": ["+1"],
        "To": ["+2"],
        "Body": ["3 cars"],
        "MediaUrl": ["http://a/1", "http://a/2"],
    }


@pytest.mark.parametrize(
    ("kind", "fields", "length"),
    [
        ("roboflow_core/twilio_sms_notification@v1", {}, 160),
        ("roboflow_core/twilio_sms_notification@v1", {"length_limit": 20, "cooldown_session_key": "k"}, 20),
        ("roboflow_core/twilio_sms_notification@v2", {}, 1600),
    ],
)
def test_long_messages_are_cut(kind: str, fields: dict[str, Any], length: int) -> None:
    with web() as server:
        tell(server, kind, message="x" * 3000, **fields)
    body = parse_qs(server.requests[0].body.decode())["Body"][0]
    assert body == "x" * (length - 6) + " [...]"


def test_a_picture_has_no_address() -> None:
    with web() as server, pytest.raises(InvalidValue, match="addresses that Twilio can fetch, got an image"):
        tell(server, values={"media_url": Image(np.zeros((2, 2, 3), np.uint8))})


def test_an_account_is_needed() -> None:
    with web() as server, pytest.raises(InvalidWorkflow) as caught:
        tell(server, twilio_auth_token=None, sms_provider="Roboflow Managed API Key")
    assert [p.field for p in caught.value.problems] == ["sms_provider", "twilio_auth_token"]


def test_a_refusal_is_told() -> None:
    with web(lambda _: (401, b'{"message": "Authenticate"}')) as server:
        assert 'status 401: {"message": "Authenticate"}' in tell(server)["message"]
