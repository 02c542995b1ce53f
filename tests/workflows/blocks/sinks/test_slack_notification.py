import json
from typing import Any
from urllib.parse import parse_qs

import pytest
from tests.workflows.blocks.sinks.loopback import Request, Web, allowed, web
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow

TEXT = "{{ $parameters.n }} of {{$parameters.names}}, {{ $parameters.unknown }}"


def slack(request: Request) -> tuple[int, bytes]:
    """Answers as Slack's documents show them."""
    if request.path.endswith("files.getUploadURLExternal"):
        port = request.headers["Host"]
        return 200, json.dumps({"ok": True, "upload_url": f"http://{port}/up/1", "file_id": "F1"}).encode()
    if request.path.startswith("/up"):
        return 200, b"OK"
    return 200, b'{"ok": true}'


def tell(server: Web, values: dict[str, Any] | None = None, **fields: Any) -> Any:
    given = {
        "slack_token": "xoxb-1",
        "channel": "C1",
        "message": TEXT,
        "fire_and_forget": False,
        "slack_url": server.url,
        **fields,
    }
    return run_step("slack_notification", values or {}, allowed(), **given)


def test_a_message_with_values() -> None:
    with web(slack) as server:
        values = {"n": 2, "names": ["a", "b"]}
        lower = {"n": [{"type": "Multiply", "other": 10}]}
        out = tell(server, message_parameters=values, message_parameters_operations=lower, cooldown_session_key="k")
    assert out["error_status"] is False
    (request,) = server.requests
    assert (request.path, request.headers["Authorization"]) == ("/chat.postMessage", "Bearer xoxb-1")
    assert request.json == {"channel": "C1", "text": "20 of ['a', 'b'], {{ $parameters.unknown }}"}


def test_values_are_not_filled_in_twice() -> None:
    with web(slack) as server:
        tell(server, message="{{ $parameters.a }}", message_parameters={"a": "{{ $parameters.b }}", "b": "secret"})
    assert server.requests[0].json["text"] == "{{ $parameters.b }}"


def test_attachments_are_uploaded_then_shared() -> None:
    with web(slack) as server:
        out = tell(server, {"attachments": {"a.csv": "x,y\n1,2\n"}}, message="see")
    assert out["error_status"] is False
    ask, upload, share = server.requests
    assert parse_qs(ask.body.decode()) == {"filename": ["a.csv"], "length": ["8"]}
    assert (upload.path, upload.body) == ("/up/1", b"x,y\n1,2\n")
    assert "Authorization" not in upload.headers
    assert share.json == {"files": [{"id": "F1", "title": "a.csv"}], "channel_id": "C1", "initial_comment": "see"}


def test_a_refusal_of_slack_is_told() -> None:
    with web(lambda _: (200, b'{"ok": false, "error": "not_in_channel"}')) as server:
        assert tell(server)["message"] == "ConnectionError: Slack refuses chat.postMessage: not_in_channel."
    with web(lambda _: (200, b"<html>")) as server:
        assert "no JSON" in tell(server)["message"]


def test_a_cooldown_of_hours_is_refused() -> None:
    with web(slack) as server, pytest.raises(InvalidWorkflow, match="less than or equal to 900"):
        tell(server, cooldown_seconds=3600)
