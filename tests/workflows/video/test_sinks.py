import asyncio
import json
import socketserver
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.media.sources.counted import number_of, numbered
from tests.workflows.video.streaming import settled, workflow

from ocella.errors import InvalidValue, OcellaError
from ocella.media.sources.given import Given
from ocella.types import Detections, Image, Moment
from ocella.workflows.stream import Stream
from ocella.workflows.video.feed import Retry
from ocella.workflows.video.frame_result import FrameResult
from ocella.workflows.video.sinks.json_lines import JsonLines
from ocella.workflows.video.sinks.mqtt import Mqtt
from ocella.workflows.video.sinks.sink import Sink
from ocella.workflows.video.sinks.video_file import VideoFile
from ocella.workflows.video.sinks.web_rtc import WebRtc
from ocella.workflows.video.sinks.web_socket import WebSocket

UNEVEN = [0.0, 0.033, 0.1, 0.5, 0.51, 1.7, 1.75]
PASSWORD = "se-cret"  # noqa: S105  # of the test's own broker
QUICK = Retry(first=0.01, longest=0.02)


def given(times: list[float], name: str = "clip") -> Given:
    return Given(lambda: (Image(numbered(i), moment=Moment(name, i, t, 30.0)) for i, t in enumerate(times)), name=name)


def decoded(path: Path) -> list[tuple[int, float]]:
    """Number and time of each picture of a file, read by PyAV alone."""
    import av

    with av.open(str(path)) as container:
        return [(number_of(f.to_ndarray(format="rgb24")), f.time or 0.0) for f in container.decode(video=0)]


def result(outputs: dict[str, Any], number: int = 0, source: str = "clip") -> FrameResult:
    return FrameResult(source, Image(numbered(number), moment=Moment(source, number, number / 10)), outputs)


def test_a_video_file_keeps_true_times(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    status = Stream(workflow(), given(UNEVEN), sinks=[VideoFile(path)]).start().join()
    assert (status.sinks[0].written, status.sinks[0].notes, status.problems) == (7, (), [])
    got = decoded(path)
    assert [n for n, _ in got] == list(range(7))
    assert [t for _, t in got] == pytest.approx(UNEVEN, abs=1e-4)
    assert [p.name for p in tmp_path.iterdir()] == ["out.mp4"]


def test_several_sources_go_to_files_of_their_own(tmp_path: Path) -> None:
    sources = [given([0, 0.1, 0.2], "a"), given([0, 0.5], "b")]
    with pytest.raises(InvalidValue, match=r"\{source\}"):
        Stream(workflow(), sources, sinks=[VideoFile(tmp_path / "out.mp4")]).start()
    sources = [given([0, 0.1, 0.2], "a"), given([0, 0.5], "b")]
    Stream(workflow(), sources, sinks=[VideoFile(tmp_path / "out-{source}.mkv")]).start().join()
    assert [t for _, t in decoded(tmp_path / "out-0.mkv")] == pytest.approx([0, 0.1, 0.2], abs=1e-3)
    assert [t for _, t in decoded(tmp_path / "out-1.mkv")] == pytest.approx([0, 0.5], abs=1e-3)


def test_the_picture_is_the_output_asked_for_or_the_first_one(tmp_path: Path) -> None:
    other = {"n": 1, "a": Image(numbered(77)), "b": Image(numbered(88))}
    for output, want in (("", [77, 77]), ("b", [88, 88])):
        sink = VideoFile(tmp_path / "out.mp4", output=output)
        sink.open(["clip"])
        for number in range(2):
            sink.write(result(other, number))
        sink.write(result({"n": 1, "a": None, "b": None}, 2))
        sink.close()
        assert [n for n, _ in decoded(tmp_path / "out.mp4")] == want


@pytest.mark.parametrize(("output", "message"), [("c", "no output 'c'"), ("n", "must give an image, got int")])
def test_an_output_that_is_no_picture_is_told(tmp_path: Path, output: str, message: str) -> None:
    sink = VideoFile(tmp_path / "out.mp4", output=output)
    sink.open(["clip"])
    with pytest.raises(InvalidValue, match=message):
        sink.write(result({"n": 1}))
    sink.close()
    assert list(tmp_path.iterdir()) == []


def test_a_line_of_json_a_frame(tmp_path: Path) -> None:
    path = tmp_path / "new" / "out.jsonl"
    Stream(workflow(fails_on=2), given([0.0, 0.25]), sinks=[JsonLines(path)]).start().join()
    first, second = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    assert second["source"] == "clip"
    assert second["moment"] == {
        "source": "clip", "index": 1, "seconds": 0.25, "fps": 30.0, "taken_at": 0.0, "is_file": True
    }  # fmt: skip
    assert second["outputs"] == {"number": 1, "count": 2, "size": 1, "seconds": 0.25}
    assert first["outputs"]["number"] is None
    assert first["failures"][0]["step"] == "read"


def test_images_and_objects_in_lines_of_json_are_small(tmp_path: Path) -> None:
    found = Detections(
        xyxy=np.array([[1, 2, 11, 22]], np.float32),
        confidence=np.array([0.5], np.float32),
        class_id=np.array([0]),
        classes=("cat",),
    )
    sink = JsonLines(tmp_path / "out.jsonl")
    sink.open(["clip"])
    sink.write(result({"found": found, "picture": Image(numbered(1))}))
    sink.close()
    line = (tmp_path / "out.jsonl").read_text(encoding="utf-8")
    assert len(line) < 1500
    prediction = json.loads(line)["outputs"]["found"]["predictions"][0]
    assert (prediction["class"], prediction["x"], prediction["width"]) == ("cat", 6.0, 10.0)


def test_a_file_that_cannot_be_written_keeps_the_stream_from_starting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    stream = Stream(workflow(), given([0.0]), sinks=[JsonLines(tmp_path / "file" / "out.jsonl")])
    with pytest.raises(OcellaError, match="cannot be written"):
        stream.start()
    assert stream.status().state == "failed"


def test_a_sink_that_hangs_does_not_hold_up_a_stop_for_long() -> None:
    hung = threading.Event()

    class Hangs(Sink):
        name = "hangs"

        def write(self, result: FrameResult) -> None:
            del result
            hung.wait()

    stream = Stream(workflow(), given([i / 10 for i in range(100)]), sinks=[Hangs()], flush=0.2).start()
    time.sleep(0.05)
    began = time.monotonic()
    status = stream.stop()
    assert time.monotonic() - began < 1
    assert settled(status)
    assert status.sinks[0].written == 0
    hung.set()


def test_what_is_queued_is_written_after_a_stop() -> None:
    got: list[int] = []

    def slow(result: FrameResult) -> None:
        time.sleep(0.01)
        got.append(result.outputs["number"])

    stream = Stream(workflow(), given([i / 10 for i in range(500)]), sinks=[slow]).start()
    time.sleep(0.15)
    status = stream.stop()
    assert status.sinks[0].written == len(got)
    assert status.sources[0].counts.processed == status.sinks[0].given
    assert status.sinks[0].dropped <= 1
    assert got == list(range(len(got)))


@contextmanager
def web_socket_server(port: int = 0, hang_up_after: int = -1) -> Iterator[tuple[int, list[Any]]]:
    from websockets.sync.server import ServerConnection, serve

    got: list[Any] = []

    def take(connection: ServerConnection) -> None:
        for message in connection:
            got.append(json.loads(message))
            if len(got) == hang_up_after:
                return

    with serve(take, "127.0.0.1", port) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.socket.getsockname()[1], got
        server.shutdown()
        thread.join()


def paced(count: int, seconds: float) -> Given:
    def images() -> Iterator[Image]:
        for number in range(count):
            yield Image(numbered(number), moment=Moment("clip", number, number / 10))
            time.sleep(seconds)

    return Given(images, name="clip")


def test_results_go_to_a_web_socket_and_on_after_it_broke_off() -> None:
    with web_socket_server(hang_up_after=10) as (port, got):
        sink = WebSocket(f"ws://127.0.0.1:{port}/?token=secret", retry=QUICK)
        assert "secret" not in sink.name
        status = Stream(workflow(), paced(40, 0.005), sinks=[sink]).start().join()
    assert "received 1000" in status.sinks[0].error
    numbers = [m["outputs"]["number"] for m in got]
    assert numbers[:10] == list(range(10))
    assert numbers[-1] == 39
    assert len(numbers) > 25
    assert settled(status)
    assert status.sinks[0].written >= len(got)


def test_a_web_socket_that_is_not_there_costs_results_but_not_the_stream() -> None:
    sink = WebSocket("ws://bob:secret@127.0.0.1:9/", retry=QUICK)
    status = Stream(workflow(), given([i / 10 for i in range(30)]), sinks=[sink]).start().join()
    assert status.sources[0].counts.processed == 30
    assert (status.sinks[0].written, settled(status)) == (0, True)
    assert "cannot be reached" in status.problems[0]
    assert "secret" not in str(status)


class Broker(socketserver.ThreadingTCPServer):
    """As much of MQTT 3.1.1 as a publisher needs."""

    allow_reuse_address = True
    daemon_threads = True
    got: list[tuple[str, Any]]
    login: bytes = b""


class _Publisher(socketserver.StreamRequestHandler):
    server: Broker

    def handle(self) -> None:
        while head := self.rfile.read(1):
            length = shift = 0
            while True:
                byte = self.rfile.read(1)[0]
                length |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    break
            self._packet(head[0], self.rfile.read(length))

    def _packet(self, head: int, body: bytes) -> None:
        kind = head >> 4
        if kind == 1:  # connect
            refused = self.server.login not in body
            self.wfile.write(bytes([0x20, 2, 0, 5 if refused else 0]))
        elif kind == 3:  # publish
            size = struct.unpack(">H", body[:2])[0]
            topic, rest = body[2 : 2 + size].decode(), body[2 + size :]
            if head & 6:
                self.wfile.write(bytes([0x40, 2]) + rest[:2])
                rest = rest[2:]
            self.server.got.append((topic, json.loads(rest)))
        elif kind == 12:  # ping
            self.wfile.write(bytes([0xD0, 0]))


@contextmanager
def broker(login: bytes = b"") -> Iterator[Broker]:
    with Broker(("127.0.0.1", 0), _Publisher) as server:
        server.got, server.login = [], login
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("qos", [0, 1])
def test_results_go_to_an_mqtt_broker(qos: Any) -> None:
    with broker(PASSWORD.encode()) as server:
        port = server.server_address[1]
        sink = Mqtt("127.0.0.1", "cam/1", port=port, username="bob", password=PASSWORD, qos=qos)
        status = Stream(workflow(), given([i / 10 for i in range(20)]), sinks=[sink]).start().join()
        until = time.monotonic() + 2
        while len(server.got) < 20 and time.monotonic() < until:
            time.sleep(0.01)
    assert [(topic, m["outputs"]["number"]) for topic, m in server.got] == [("cam/1", i) for i in range(20)]
    assert (status.sinks[0].written, status.problems) == (20, [])


def test_a_broker_that_refuses_is_told_without_the_password() -> None:
    with broker(b"other") as server:
        sink = Mqtt("127.0.0.1", "cam/1", port=server.server_address[1], username="bob", password=PASSWORD, retry=QUICK)
        status = Stream(workflow(), given([0.0, 0.1]), sinks=[sink]).start().join()
    assert status.sinks[0].failed == 2
    assert "does not let us in: Not authorized" in status.problems[0]
    assert PASSWORD not in str(status)


async def watch(sink: WebRtc, frames: int) -> tuple[list[tuple[int, float]], list[int]]:
    """What a viewer sees, and the numbers that came as JSON."""
    from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

    viewer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    tracks: asyncio.Queue[Any] = asyncio.Queue()
    told: list[int] = []
    viewer.on("track", tracks.put_nowait)
    channel = viewer.createDataChannel("results")
    channel.on("message", lambda text: told.append(json.loads(text)["outputs"]["number"]))
    viewer.addTransceiver("video", direction="recvonly")
    await viewer.setLocalDescription(await viewer.createOffer())
    answer = await asyncio.to_thread(sink.answer, viewer.localDescription.sdp)
    await viewer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    track = await tracks.get()
    seen = [await track.recv() for _ in range(frames)]
    assert sink.viewers == 1
    await viewer.close()
    return [(number_of(f.to_ndarray(format="rgb24")), f.time) for f in seen], told


def test_a_viewer_sees_pictures_and_results_over_web_rtc() -> None:
    sink = WebRtc()
    with pytest.raises(InvalidValue, match="does not run"):
        sink.answer("")
    with Stream(workflow(), paced(2000, 0.01), sinks=[sink]) as stream:
        stream.start()
        with pytest.raises(InvalidValue, match="no offer"):
            sink.answer("hello")
        seen, told = asyncio.run(asyncio.wait_for(watch(sink, 12), 15))
    numbers = [n for n, _ in seen]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) > 6
    (first, began), (last, ended) = seen[0], seen[-1]
    assert ended - began == pytest.approx((last - first) / 10, abs=0.11)
    assert told == sorted(told)
    assert len(told) > 3
    assert stream.status().problems == []


@pytest.mark.parametrize(
    "make",
    [
        lambda: WebSocket("http://a"),
        lambda: Mqtt("host", "a/#"),
        lambda: VideoFile("a.txt"),
        lambda: VideoFile("a.mp4", quality=99),
    ],
)
def test_wrong_arguments_are_refused(make: Any) -> None:
    with pytest.raises(InvalidValue):
        make()
