import email
import email.policy
import json
import threading
import time
from typing import Any

import numpy as np
import pytest
from tests.workflows.blocks.sinks.loopback import Clock, Web, allowed, picture_of, web
from tests.workflows.running import Step, run_step

from ocella.errors import InvalidWorkflow, Refused
from ocella.types import Detections, Image
from ocella.workflows.compile import compile_workflow
from ocella.workflows.run import Session
from ocella.workflows.services import Services

FOUND = Detections(
    np.array([[0, 0, 2, 4], [1, 1, 3, 3]], np.float32),
    np.array([0.5, 0.25], np.float32),
    np.array([1, 0]),
    ("cat", "dog"),
)
NAMES = [{"type": "DetectionsPropertyExtract", "property_name": "class_name"}]


def tell(server: Web, values: dict[str, Any] | None = None, services: Services | None = None, **fields: Any) -> Any:
    given = {"method": "POST", "fire_and_forget": False, "cooldown_seconds": 0, **fields}
    return run_step("webhook_sink", values or {}, services or allowed(), url=server.url + "/hook", **given)


def test_a_json_body_with_operations_parameters_and_headers() -> None:
    with web() as server:
        out = tell(
            server,
            json_payload={"text": "hi", "n": 3, "deep": {"a": [1]}},
            json_payload_operations={"text": [{"type": "StringToUpperCase"}]},
            query_parameters={"key": "a b", "many": [1, 2]},
            headers={"X-Key": 7},
        )
    assert out == {"error_status": False, "throttling_status": False, "message": "Notification sent."}
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/hook?key=a+b&many=1&many=2")
    assert request.json == {"text": "HI", "n": 3, "deep": {"a": [1]}}
    assert (request.headers["X-Key"], request.headers["Content-Type"]) == ("7", "application/json")
    assert request.headers["Host"] == f"127.0.0.1:{server.port}"


def test_objects_of_a_step_go_as_names_or_as_json() -> None:
    definition = {
        "inputs": [{"type": "WorkflowBatchInput", "name": "found", "kind": ["object_detection_prediction"]}],
        "steps": [
            {
                "type": "roboflow_core/webhook_sink@v1", "name": "tell", "url": "URL", "method": "PUT", "fire_and_forget": False,
                "json_payload": {"names": "$inputs.found", "all": "$inputs.found"}, "json_payload_operations": {"names": NAMES},
            }
        ],
        "outputs": [{"type": "JsonField", "name": "failed", "selector": "$steps.tell.error_status"}],
    }  # fmt: skip
    with web() as server:
        definition["steps"][0]["url"] = server.url  # type: ignore[index]
        with Session(compile_workflow(definition), allowed()) as session:
            assert session.run({"found": [FOUND]})[0] == {"failed": False}
    (request,) = server.requests
    assert request.method == "PUT"
    assert request.json["names"] == ["dog", "cat"]
    boxes = [(p["x"], p["y"], p["width"], p["height"], p["class"]) for p in request.json["all"]["predictions"]]
    assert boxes == [(1, 2, 2, 4, "dog"), (2, 2, 2, 2, "cat")]


def test_files_and_forms_are_multipart() -> None:
    pixels = np.full((8, 6, 3), (200, 10, 30), np.uint8)
    files: dict[str, Any] = {"picture": Image(pixels), "note": "text"}
    with web() as server:
        definition = {
            "inputs": [{"type": "WorkflowImage", "name": "image"}],
            "steps": [
                {
                    "type": "webhook_sink", "name": "tell", "url": server.url, "method": "POST", "fire_and_forget": False,
                    "multi_part_encoded_files": {"picture": "$inputs.image", "note": files["note"]},
                    "form_data": {"line": "A", "counts": [1, 2]},
                }
            ],
            "outputs": [{"type": "JsonField", "name": "failed", "selector": "$steps.tell.error_status"}],
        }  # fmt: skip
        with Session(compile_workflow(definition), allowed()) as session:
            assert session.run({"image": [files["picture"]]})[0] == {"failed": False}
    (request,) = server.requests
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    message = email.message_from_bytes(head + request.body, policy=email.policy.HTTP)
    parts: dict[Any, Any] = {p.get_param("name", header="content-disposition"): p for p in message.iter_parts()}
    assert {n: p.get_payload(decode=True) for n, p in parts.items() if n in ("note", "line")} == {
        "note": b"text",
        "line": b"A",
    }
    assert json.loads(parts["counts"].get_payload(decode=True)) == [1, 2]
    decoded = picture_of(parts["picture"].get_payload(decode=True))
    assert parts["picture"].get_content_type() == "image/jpeg"
    assert np.abs(decoded.astype(int) - pixels).max() <= 4


def test_a_get_without_payload_has_no_body() -> None:
    with web() as server:
        tell(server, method="GET", query_parameters={"a": True})
    assert (server.requests[0].path, server.requests[0].body) == ("/hook?a=true", b"")


def test_an_answer_without_success_is_told_and_redirects_are_not_followed() -> None:
    with web(lambda _: (503, b"come back later")) as server:
        out = tell(server)
    assert out["error_status"] is True
    assert "status 503: come back later" in out["message"]
    with web(lambda _: (302, b"")) as server:
        assert "status 302" in tell(server)["message"]
    assert "cannot be reached" in tell(server)["message"]  # it is gone now


def test_cooldown_follows_the_clock_of_the_operator() -> None:
    clock = Clock()
    with web() as server:
        step = Step(
            "webhook_sink", allowed(now=clock), url=server.url, method="POST", fire_and_forget=False, cooldown_seconds=5
        )
        with step:
            outs = []
            for seconds in (0, 4, 1, 5):
                clock.later(seconds)
                outs.append(step.run(json_payload={"a": 1}))
    assert [o["throttling_status"] for o in outs] == [False, True, False, False]
    assert outs[1]["message"] == "Sink cooldown applies."
    assert len(server.requests) == 3


def test_in_the_background_nothing_is_lost_and_a_failure_is_told_with_the_next() -> None:
    held = threading.Event()

    def slow(_: object) -> tuple[int, bytes]:
        held.wait(5)
        return 500, b"no"

    with web(slow) as server:
        step = Step("webhook_sink", allowed(), url=server.url, method="POST", cooldown_seconds=0)
        with step:
            began = time.monotonic()
            outs = [step.run(json_payload={"a": i}) for i in range(3)]
            assert time.monotonic() - began < 2
            assert {o["message"] for o in outs} == {"Sent in the background."}
            held.set()
            until = time.monotonic() + 5
            while len(server.requests) < 3 and time.monotonic() < until:
                time.sleep(0.01)
            time.sleep(0.05)
            assert (
                "An earlier one failed: ConnectionError: the other side answers with status 500"
                in step.run(json_payload={"a": 3})["message"]
            )
    assert [r.json["a"] for r in server.requests] == [0, 1, 2, 3]


def test_too_many_that_wait_are_left_out() -> None:
    held = threading.Event()
    with web(lambda _: ((held.wait(5) and 200) or 200, b"")) as server:
        step = Step("webhook_sink", allowed(), url=server.url, method="POST", cooldown_seconds=0)
        with step:
            outs = [step.run(json_payload={"a": i}) for i in range(70)]
            held.set()
    assert sum(o["error_status"] for o in outs) in (5, 6)
    assert "64 deliveries are waiting" in outs[-1]["message"]
    assert len(server.requests) == 70 - sum(o["error_status"] for o in outs)


@pytest.mark.parametrize("services", [allowed(sinks_off=True), Services(sinks_off=True)])
def test_sinks_that_are_off_do_nothing_and_need_no_permission(services: Services) -> None:
    with web() as server:
        out = tell(server, services=services)
    assert out == {"error_status": False, "throttling_status": False, "message": "Sinks are turned off for this run."}
    assert server.requests == []


def test_a_disabled_step_does_nothing() -> None:
    with web() as server:
        assert "disable_sink" in tell(server, disable_sink=True)["message"]
    assert server.requests == []


def test_nothing_is_sent_without_permission() -> None:
    with web() as server:
        with pytest.raises(Refused, match=r"'step' \(webhook_sink@v1\) sends data to other machines, .* --allow send"):
            tell(server, services=Services())
        out = tell(server, services=Services(allow=frozenset({"send"})))
        assert out["error_status"] is True
        assert "private-addresses" in out["message"]
        assert server.requests == []


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"method": "PATCH"}, "'GET', 'POST' or 'PUT'"),
        ({"request_timeout": 0}, "greater than 0"),
        ({"json_payload_operations": {"a": [{"type": "Nothing"}]}}, "Nothing"),
    ],
)
def test_wrong_fields_are_told(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidWorkflow) as caught:
        run_step("webhook_sink", {}, allowed(), **{"url": "http://127.0.0.1", "method": "POST", **fields})
    assert says in str(caught.value)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/x", "file:///etc/passwd", "no address"])
def test_only_web_addresses(url: str) -> None:
    out = run_step("webhook_sink", {}, allowed(), url=url, method="GET", fire_and_forget=False)
    assert out["error_status"] is True
    assert "http://" in out["message"]
