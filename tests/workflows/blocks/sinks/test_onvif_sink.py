import hashlib
import re
import time
from base64 import b64decode
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from tests.workflows.blocks.sinks.loopback import Clock, Request, Web, allowed, web
from tests.workflows.running import Step, run_step

from ocella.errors import InvalidValue, InvalidWorkflow
from ocella.types import Detections

SOAP = '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:t="urn:t"><e:Body>{}</e:Body></e:Envelope>'
ANSWERS = {
    "GetCapabilities": "<t:Media><t:XAddr>http://10.9.9.9:PORT/onvif/media</t:XAddr></t:Media><t:PTZ><t:XAddr>http://10.9.9.9:PORT/onvif/ptz</t:XAddr></t:PTZ>",
    "GetProfiles": '<t:Profiles token="still"/><t:Profiles token="P1"><t:PTZConfiguration/></t:Profiles>',
    "GetPresets": '<t:Preset token="7"><t:Name>home</t:Name></t:Preset>',
}


def camera(request: Request) -> tuple[int, bytes]:
    """A camera as ONVIF's documents show it."""
    inside = ANSWERS.get(action(request), "").replace("PORT", request.headers["Host"].partition(":")[2])
    return 200, SOAP.format(inside).encode()


def action(request: Request) -> str:
    body = next(e for e in ET.fromstring(request.body).iter() if e.tag.endswith("}Body"))  # noqa: S314
    return str(body[0].tag.rpartition("}")[2])


def moves(server: Web) -> list[Any]:
    """Every order to move: (x, y, zoom), "stop" or ("preset", token)."""
    found: list[Any] = []
    for request in server.requests:
        text = request.body.decode()
        if action(request) == "ContinuousMove":
            x, y = re.search(r'PanTilt [^>]*x="([^"]+)" y="([^"]+)"', text).groups()  # type: ignore[union-attr]
            zoom = re.search(r'Zoom [^>]*x="([^"]+)"', text)
            found.append((float(x), float(y), float(zoom[1]) if zoom else 0.0))
        elif action(request) == "Stop":
            found.append("stop")
        elif action(request) == "GotoPreset":
            found.append(("preset", re.search(r"<PresetToken>(.*?)<", text)[1]))  # type: ignore[index]
    return found


def seen(*centers: tuple[float, float], size: float = 20, tracks: list[int] | None = None, **more: Any) -> Detections:
    """Boxes in a picture of 400 x 200, the first the surest."""
    points = np.array(centers, np.float32).reshape(-1, 2)
    n = len(points)
    boxes = np.hstack([points - size / 2, points + size / 2])
    sure = np.linspace(0.9, 0.5, n).astype(np.float32)
    ids = None if tracks is None else np.array(tracks)
    return Detections(boxes, sure, np.zeros(n, int), ("cat",), track_id=ids, size_hw=(200, 400), **more)


def follow(server: Web, clock: Clock, **fields: Any) -> Step:
    given = {
        "camera_ip": "127.0.0.1", "camera_port": server.port, "camera_username": "me", "camera_password": "secret",
        "pid_kp": 1.0, "pid_kd": 0, "minimum_camera_speed": 0, "dead_zone": 10, **fields,
    }  # fmt: skip
    return Step("roboflow_core/onvif_sink@v1", allowed(now=clock), **given)


# the middle is (200, 100): right and up are positive for the camera; a share of the picture is the speed, and the nearer axis
# is slowed down by its share of the farther one
WAYS = [
    ("right", (300, 100), {}, (0.25, 0, 0)),
    ("left", (100, 100), {}, (-0.25, 0, 0)),
    ("up", (200, 50), {}, (0, 0.25, 0)),
    ("down", (200, 150), {}, (0, -0.25, 0)),
    ("right and down", (300, 150), {}, (0.25, -0.125, 0)),
    ("mirrored", (300, 150), {"flip_x_movement": True}, (-0.25, -0.125, 0)),
    ("hanging", (300, 150), {"flip_y_movement": False}, (0.25, 0.125, 0)),
    ("at least so fast", (220, 100), {"minimum_camera_speed": 0.3}, (0.3, 0, 0)),
    ("zoom in", (200, 100), {"zoom_if_able": True}, (0, 0, (90 - 5) / 400)),
]


@pytest.mark.parametrize(("case", "center", "fields", "expected"), WAYS, ids=[w[0] for w in WAYS])
def test_the_camera_turns_towards_the_object(
    case: str, center: tuple[float, float], fields: dict[str, Any], expected: tuple[float, ...]
) -> None:
    del case
    with web(camera) as server:
        with follow(server, Clock(), **fields) as step:
            out = step.run(predictions=seen(center))
        assert out["seeking"] is True
        assert len(out["predictions"]) == 1
        assert moves(server)[0] == pytest.approx(expected, abs=1e-3)
        assert moves(server)[-1] == "stop"  # at the end


def test_it_asks_once_and_logs_in_with_a_digest() -> None:
    clock = Clock()
    with web(camera) as server, follow(server, clock) as step:
        for _ in range(2):
            step.run(predictions=seen((300, 100)))
            clock.later(1)
    assert [action(r) for r in server.requests] == [
        "GetCapabilities",
        "GetProfiles",
        "ContinuousMove",
        "ContinuousMove",
        "Stop",
    ]
    assert [r.path for r in server.requests[:3]] == ["/onvif/device_service", "/onvif/media", "/onvif/ptz"]
    tree = {e.tag.rpartition("}")[2]: e.text or "" for e in ET.fromstring(server.requests[2].body).iter()}  # noqa: S314
    assert (tree["Username"], tree["ProfileToken"], tree["Created"][:18]) == ("me", "P1", "2024-05-01T12:00:0")
    digest = hashlib.sha1(b64decode(tree["Nonce"]) + tree["Created"].encode() + b"secret").digest()  # noqa: S324
    assert b64decode(tree["Password"]) == digest


def test_orders_are_few_but_a_stop_comes_at_once() -> None:
    clock = Clock()
    with web(camera) as server, follow(server, clock, camera_update_rate_limit=250) as step:
        for center in ((300, 100), (310, 100), (320, 100)):
            step.run(predictions=seen(center))
            clock.later(0.1)
        clock.later(0.1)
        step.run(predictions=seen((340, 100)))
        still = step.run(predictions=seen())
        again = step.run(predictions=seen())
    assert (still["seeking"], again["seeking"]) == (False, False)
    assert moves(server) == [pytest.approx((0.25, 0, 0)), pytest.approx((0.35, 0, 0)), "stop"]


def test_the_same_object_is_followed_until_it_is_gone() -> None:
    with web(camera) as server, follow(server, Clock()) as step:
        first = step.run(predictions=seen((300, 100), (100, 100), tracks=[4, 5]))
        second = step.run(predictions=seen((100, 100), (310, 100), tracks=[5, 4]))
        third = step.run(predictions=seen((100, 100), (50, 50), tracks=[5, 6]))
    assert [o["predictions"].track_id.tolist() for o in (first, second, third)] == [[4], [4], [5]]


def test_zoom_goes_back_at_the_border_and_rests_near_it() -> None:
    clock = Clock()
    with web(camera) as server, follow(server, clock, zoom_if_able=True, minimum_camera_speed=0.1) as step:
        for size in (100, 200, 190):
            step.run(predictions=seen((200, 100), size=size))
            clock.later(1)
    assert moves(server) == [pytest.approx((0, 0, (50 - 5) / 400), abs=1e-3), (0, 0, -0.1), "stop"]


def test_a_quarter_of_the_speed_is_full_speed_a_quarter_of_the_time() -> None:
    clock = Clock()
    with web(camera) as server, follow(server, clock, simulate_variable_speed=True) as step:
        for _ in range(8):
            step.run(predictions=seen((300, 100)))
            clock.later(1)
    assert [m for m in moves(server) if m != "stop"] == [(1.0, 0, 0)] * 2


def test_the_derivative_brakes_and_the_integral_pushes() -> None:
    clock = Clock()
    with web(camera) as server, follow(server, clock, pid_kp=0.5, pid_kd=0.5, pid_ki=0.1) as step:
        for center in ((300, 100), (280, 100)):
            step.run(predictions=seen(center))
            clock.later(1)
    # 0.5 * 0.25; then 0.5 * 0.2 + 0.1 * 0.2 * 1 s + 0.5 * (0.2 - 0.25) / 1 s
    assert [m[0] for m in moves(server)[:2]] == pytest.approx([0.125, 0.095], abs=1e-4)


def test_a_preset_by_its_name_and_after_idle_seconds() -> None:
    clock = Clock()
    with web(camera) as server:
        with follow(server, clock, movement_type="Go To Preset", default_position_preset="home") as step:
            step.run(predictions=seen())
        with follow(server, clock, move_to_position_after_idle_seconds=3, default_position_preset="home") as step:
            for _ in range(6):
                step.run(predictions=seen())
                clock.later(1)
    assert moves(server) == [("preset", "7"), ("preset", "7")]


def test_what_the_camera_refuses_fails_the_next_run() -> None:
    fault = SOAP.format("<e:Fault><e:Reason><e:Text>Sender not authorized</e:Text></e:Reason></e:Fault>").encode()
    clock = Clock()
    with web(lambda _: (400, fault)) as server, follow(server, clock) as step:
        step.run(predictions=seen((300, 100)))
        while not server.requests:
            time.sleep(0.01)
        time.sleep(0.05)  # the answer is read in another thread
        clock.later(1)
        with pytest.raises(ConnectionError, match=r"Camera 127.0.0.1: .*Sender not authorized"):
            step.run(predictions=seen((300, 100)))


def test_wrong_fields_and_objects_without_a_picture() -> None:
    given = {"camera_ip": "127.0.0.1", "camera_username": "a", "camera_password": "b"}
    with pytest.raises(InvalidWorkflow) as caught:
        run_step("onvif_sink", {"predictions": seen()}, allowed(), camera_port=0, movement_type="Go To Preset", **given)
    assert {p.field for p in caught.value.problems} == {"camera_port", "default_position_preset"}
    lost = seen((300, 100)).replace(size_hw=None)
    with pytest.raises(InvalidValue, match="size of their image"):
        run_step("onvif_sink", {"predictions": lost}, allowed(), camera_port=80, **given)
    off = run_step("onvif_sink", {"predictions": lost}, allowed(sinks_off=True), camera_port=80, **given)
    assert (len(off["predictions"]), off["seeking"]) == (0, False)
