"""roboflow_vision_events and event_writer_sink: what an event service gets."""

from base64 import b64decode
from typing import Any

import numpy as np
import pytest
from tests.workflows.blocks.sinks.loopback import Clock, Request, Web, allowed, picture_of, web
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Classification, Detections, Image, Keypoints
from ocella.types.keypoints import Skeleton

PICTURE = Image(np.full((8, 6, 3), (200, 10, 30), np.uint8))
FOUND = Detections(np.array([[0, 0, 4, 2]], np.float32), np.array([0.5], np.float32), np.array([0]), ("cat",))
BOX = {"class": "cat", "x": 2, "y": 1, "width": 4, "height": 2, "confidence": 0.5}
POINTS = FOUND.replace(
    keypoints=Keypoints(
        np.array([[[1, 2], [3, 4]]], np.float32),
        np.ones((1, 2), np.float32),
        np.ones((1, 2), bool),
        Skeleton(("a", "b")),
    )
)


def created(_: Request) -> tuple[int, bytes]:
    return 201, b'{"id": "evt-1"}'


def vision(server: Web, values: dict[str, Any], **fields: Any) -> Any:
    given = {
        "event_type": "custom", "solution": "s", "write_to_event_store": True, "event_store_url": server.url + "/",
        "fire_and_forget": False, **fields,
    }  # fmt: skip
    return run_step("roboflow_core/roboflow_vision_events@v1", values, allowed(now=Clock()), **given)


def writer(server: Web, values: dict[str, Any], **fields: Any) -> Any:
    given = {"event_schema": "custom", "event_ingestion_url": server.url, "fire_and_forget": False, **fields}
    return run_step(
        "roboflow_enterprise/event_writer_sink@v1", {"output_image": PICTURE, **values}, allowed(now=Clock()), **given
    )


def pixels(text: str) -> Any:
    return picture_of(b64decode(text)).astype(int)


def test_a_vision_event() -> None:
    with web(created) as server:
        out = vision(
            server,
            {"input_image": PICTURE, "predictions": FOUND},
            custom_value="dent",
            api_key="k",
            custom_metadata={"a": 1},
        )
    assert out == {"error_status": False, "throttling_status": False, "event_id": "evt-1", "message": "Event sent."}
    (request,) = server.requests
    assert (request.method, request.path, request.headers["X-API-Key"]) == ("POST", "/v2/events", "k")
    event = request.json
    (entry,) = event.pop("images")
    assert event == {
        "inference_timestamp": "2024-05-01T12:00:00+00:00", "solution": "s", "event_schema": "custom",
        "event_data": {"value": "dent"}, "custom_metadata": {"a": 1}, "displayImagePosition": 0,
    }  # fmt: skip
    assert np.abs(pixels(entry.pop("inputBase64Image")) - PICTURE.pixels).max() <= 4
    assert entry == {"label": "workflow", "objectDetections": [BOX]}


def test_the_hosted_service_is_refused() -> None:
    with web(created) as server, pytest.raises(InvalidWorkflow, match="'write_to_event_store': expected true"):
        vision(server, {}, write_to_event_store=False)


def test_an_event_with_what_several_models_found() -> None:
    sure = Classification(np.array([0.75], np.float32), ("ok",))
    with web(created) as server:
        values = {"object_detections": FOUND, "classifications": sure, "keypoint_detections": POINTS}
        out = writer(server, values, event_schema="safety_alert", alert_type="a", severity="low", image_label="left")
    assert out == {"error_status": False, "event_id": "evt-1", "message": "Event sent."}
    event = server.requests[0].json
    assert (event["event_schema"], event["event_data"]) == ("safety_alert", {"alertType": "a", "severity": "low"})
    (entry,) = event["images"]
    assert np.abs(pixels(entry.pop("base64Image")) - PICTURE.pixels).max() <= 4
    assert entry == {
        "label": "left",
        "objectDetections": [BOX],
        "classifications": [{"class": "ok", "confidence": 0.75}],
        "keypoints": [{**BOX, "keypoints": [{"id": 0, "x": 1, "y": 2}, {"id": 1, "x": 3, "y": 4}]}],
    }


def test_a_service_that_is_full_is_told() -> None:
    with web(lambda _: (529, b'{"detail": "queue full"}')) as server:
        out = writer(server, {})
        assert (out["error_status"], out["event_id"]) == (True, "")
        assert "status 529" in out["message"]
        assert "status 529" in vision(server, {})["message"]


def test_in_the_background_no_id_is_known() -> None:
    with web(created) as server:
        out = writer(server, {}, fire_and_forget=True)
    assert out == {"error_status": False, "event_id": "", "message": "Sent in the background."}
    assert len(server.requests) == 1


def test_wrong_fields_are_told() -> None:
    with web(created) as server, pytest.raises(InvalidWorkflow) as caught:
        writer(server, {}, event_schema="other", severity="awful")
    assert {p.field for p in caught.value.problems} == {"event_schema", "severity"}
