import itertools
import logging
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.media.sources.counted import MotionJpegCamera, jpeg, number_of, numbered, write_clip
from tests.media.sources.rtsp_camera import RtspCamera

from ocella.errors import InvalidValue, NotFound, OcellaError, Refused, Unreadable
from ocella.media.sources.capture import Webcam
from ocella.media.sources.choose import open_source
from ocella.media.sources.folder import Folder
from ocella.media.sources.given import Given
from ocella.media.sources.motion_jpeg import Part, parts
from ocella.media.sources.network import NetworkStream
from ocella.media.sources.screen import Screen
from ocella.media.sources.source import Lost, Shot, Source, Timeline, redact
from ocella.types import Image, Moment


def shots(source: Source) -> tuple[list[Shot], str]:
    """Shots of one connection, and what ended it."""
    got: list[Shot] = []
    try:
        got.extend(source.shots())
    except OcellaError as error:
        return got, str(error)
    return got, ""


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("rtsp://bob:pw@cam/1", "rtsp://***@cam/1"),
        ("rtsp://bob:p/w@rd@cam/1", "rtsp://***@cam/1"),
        ("http://cam/a?user=bob&size=2&password=pw", "http://cam/a?user=***&size=2&password=***"),
        ("cannot open 'rtsp://u:p@cam/1': no", "cannot open 'rtsp://***@cam/1': no"),
        ("RTSPS://u:p@cam", "RTSPS://***@cam"),
        ("write to me@home, see http://cam/", "write to me@home, see http://cam/"),
    ],
)
def test_passwords_are_cut_from_text(text: str, clean: str) -> None:
    assert redact(text) == clean


@pytest.mark.parametrize(
    ("reference", "kind", "name"),
    [
        (0, Webcam, "webcam:0"),
        ("2", Webcam, "webcam:2"),
        ("webcam:1", Webcam, "webcam:1"),
        ("/dev/video3", Webcam, "/dev/video3"),
        ("rtsp://a:b@cam:554/x", NetworkStream, "rtsp://***@cam:554/x"),
        ("http://cam/x", NetworkStream, "http://cam/x"),
        ("screen", Screen, "screen:1"),
        ("screen:0", Screen, "screen:0"),
        ([], Given, "images"),
    ],
)
def test_what_people_write_leads_to_its_source(reference: object, kind: type[Source], name: str) -> None:
    source = open_source(reference)
    assert (type(source), source.name) == (kind, name)
    assert source.is_live == (kind is not Given)


@pytest.mark.parametrize("reference", ["ftp://u:secret@cam/x", "", None, True, 1.5, -1])
def test_what_is_no_source_is_refused(reference: object) -> None:
    with pytest.raises(InvalidValue) as caught:
        open_source(reference)
    assert "secret" not in str(caught.value)


def test_a_missing_webcam_may_come_back() -> None:
    with pytest.raises(Lost, match="webcam:77"):
        list(Webcam(77).shots())


def test_a_screen_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(Lost, match="screen:1"):
        next(Screen().shots())


def test_a_folder_gives_pictures_in_natural_order_then_videos(tmp_path: Path) -> None:
    for number in (10, 9, 1):
        (tmp_path / f"img{number}.jpg").write_bytes(jpeg(number))
    write_clip(tmp_path / "clip.mp4", [0, 0.25])
    got = list(Folder(tmp_path, fps=4).images())
    assert [number_of(i.pixels) for i in got] == [1, 9, 10, 0, 1]
    moments = [i.moment for i in got if i.moment is not None]
    assert [m.seconds for m in moments] == [0, 0.25, 0.5, 0, 0.25]
    assert [m.source for m in moments] == [str(tmp_path)] * 3 + [str(tmp_path / "clip.mp4")] * 2
    assert got[0].origin.source == "img1.jpg"


def test_one_picture_is_a_source_of_one_frame(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg(5))
    assert [number_of(i.pixels) for i in open_source(tmp_path / "a.jpg").images()] == [5]


def test_a_broken_picture_is_a_broken_frame(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg(5)[:200])
    (tmp_path / "b.jpg").write_bytes(jpeg(6))
    first, second = Folder(tmp_path).shots()
    with pytest.raises(Unreadable, match=r"a\.jpg"):
        first.image()
    assert number_of(second.image().pixels) == 6


def test_given_images_keep_their_times() -> None:
    images = [Image(numbered(i), moment=Moment("other", i, i * 0.3, 3.0)) for i in range(3)]
    got = [i.moment for i in Given(images, name="mine").images() if i.moment is not None]
    assert [(m.source, m.index, m.seconds, m.fps) for m in got] == [("mine", i, i * 0.3, 3.0) for i in range(3)]


@pytest.mark.parametrize("lengths", [True, False])
@pytest.mark.parametrize("step", [1, 7, 100, 5000])
def test_motion_jpeg_is_cut_into_its_parts(*, lengths: bool, step: int) -> None:
    sent = b"preamble\r\n"
    for number in range(3):
        data = jpeg(number)
        size = f"Content-Length: {len(data)}\r\n" if lengths else ""
        sent += f"--cut\r\nContent-Type: image/jpeg\r\n{size}X-Timestamp: {number}.5\r\n\r\n".encode() + data + b"\r\n"
    sent += b"--cut--\r\n"
    chunks: Iterator[bytes] = (sent[i : i + step] for i in range(0, len(sent), step))
    got = list(parts(chunks, 'multipart/x-mixed-replace; boundary="--cut"'))
    assert got == [Part(jpeg(i), i + 0.5) for i in range(3)]


def test_motion_jpeg_needs_a_boundary() -> None:
    with pytest.raises(Unreadable, match="boundary"):
        list(parts([], "multipart/x-mixed-replace"))


def test_motion_jpeg_over_http_with_the_camera_s_times_and_a_broken_frame() -> None:
    with MotionJpegCamera(100, broken=frozenset({3}), hang_up=frozenset({6}), timestamps=True) as camera:
        got, end = shots(open_source(camera.url))
    assert [s.moment.seconds for s in got] == pytest.approx([i / 100 for i in range(7)], abs=1e-6)
    assert [number_of(s.image().pixels) for s in got if s.moment.index != 3] == [0, 1, 2, 4, 5, 6]
    with pytest.raises(Unreadable, match="cannot be decoded"):
        got[3].image()
    assert end.endswith("ended the connection.")


def test_motion_jpeg_without_times_or_lengths_goes_by_arrival() -> None:
    with MotionJpegCamera(50, hang_up=frozenset({20}), lengths=False) as camera:
        got, _ = shots(open_source(camera.url))
    assert [number_of(s.image().pixels) for s in got] == list(range(21))
    seconds = [s.moment.seconds for s in got]
    assert seconds == sorted(seconds)
    assert seconds[-1] == pytest.approx(0.4, abs=0.1)


def test_silence_is_lost_after_the_timeout() -> None:
    with MotionJpegCamera(100, last=2) as camera:
        got, end = shots(open_source(camera.url, timeout=0.15))
    assert len(got) == 3
    assert end.endswith("sent nothing in time.")


def test_rtsp_gives_every_frame_at_its_time_and_goes_on_after_a_reconnect() -> None:
    with RtspCamera(50, hang_up=frozenset({20, 40}), last=60, login="bob:secret") as camera:
        source = open_source(camera.url, timeout=0.5)
        connections = [shots(source) for _ in range(3)]
    got = [number_of(s.image().pixels) for connection, _ in connections for s in connection]
    assert got == list(range(61))
    for connection, end in connections:
        seconds = [s.moment.seconds for s in connection]
        assert [s - seconds[0] for s in seconds] == pytest.approx([i / 50 for i in range(len(seconds))], abs=0.001)
        assert "secret" not in end
        assert "***@" in end
    everything = [s.moment for connection, _ in connections for s in connection]
    assert [m.index for m in everything] == list(range(61))
    assert all(a.seconds <= b.seconds for a, b in itertools.pairwise(everything))
    assert everything[0].fps == 50


def test_a_password_is_in_no_error_log_or_name(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    said = []
    with RtspCamera(50, login="other:one") as rtsp, MotionJpegCamera(50, login="Basic no") as http:
        addresses = [
            rtsp.url.replace("other:one", "bob:secret"),
            http.url.replace("//", "//bob:secret@"),
            http.url + "?token=secret",
            "rtsp://bob:secret@127.0.0.1:9/x",
            "http://bob:secret@127.0.0.1:9/x",
        ]
        for address in addresses:
            source = open_source(address, timeout=0.5)
            try:
                next(source.shots())
            except OcellaError as error:
                said.append("".join(traceback.format_exception(error)))
            said.append(repr(source))
    assert len(said) == 10
    assert "token=***" in caplog.text
    assert not [s for s in [*said, caplog.text, *capfd.readouterr()] if "secret" in s]


def test_a_wrong_password_and_a_wrong_path_are_told_apart() -> None:
    with MotionJpegCamera(50, login="Basic Ym9iOnNlY3JldA==") as camera:
        with pytest.raises(Refused, match="password"):
            next(open_source(camera.url).shots())
        right = camera.url.replace("//", "//bob:secret@")
        with pytest.raises(NotFound, match="404"):
            next(open_source(right + "s").shots())
        assert number_of(next(open_source(right).images()).pixels) == 0


def test_interrupt_ends_a_read_that_waits() -> None:
    with MotionJpegCamera(100, last=0) as camera:
        source = open_source(camera.url, timeout=30)
        timer = threading.Timer(0.1, source.interrupt)
        began = 0.0
        for _ in source.shots():
            began = time.monotonic()
            timer.start()
        assert 0.05 < time.monotonic() - began < 5
        timer.join()


@pytest.mark.parametrize(
    ("live", "events", "want"),
    [
        # (clock, seconds or None, fps); None instead of an event: a new connection
        (False, [(0, 0.0, 10), (0, 0.1, 10), (0, 0.3, 10)], [0, 0.1, 0.3]),
        (False, [(0, 0.0, 10), (0, 0.1, 10), None, (0, 0.0, 10)], [0, 0.1, 0.2]),
        (False, [(0, 0.0, 10), (0, None, 10), (0, None, 10)], [0, 0.1, 0.2]),
        (False, [(0, 0.5, 10), (0, 0.2, 10)], [0.5, 0.6]),
        (True, [(5, 100.0, 0), (6, 101.0, 0)], [0, 1]),
        (True, [(5, None, 0), (6.5, None, 0)], [0, 1.5]),
        (True, [(5, None, 10), (5, 0.0, 10), (5, 0.1, 10)], [0, 0.1, 0.2]),
        (True, [(5, 100.0, 0), (6, 101.0, 0), None, (9, 7.0, 0), (10, 8.0, 0)], [0, 1, 4, 5]),
        (True, [(5, 0.0, 0), (6, 1e9, 0), (7, 1e9 + 1, 0)], [0, 1, 2]),
        (True, [(5, 9.0, 0), (6, 10.0, 0), (7, 3.0, 0)], [0, 1, 2]),
    ],
)
def test_seconds_go_on_and_never_back(
    *, live: bool, events: list[tuple[float, float | None, float] | None], want: list[float]
) -> None:
    now = 0.0
    timeline = Timeline(is_live=live, clock=lambda: now)
    got = []
    for event in events:
        if event is None:
            timeline.connect()
        else:
            now = event[0]
            got.append(timeline.at(event[1], event[2]))
    assert got == pytest.approx(want)


def test_a_shot_is_not_decoded_before_it_is_asked_for() -> None:
    def broken() -> Iterator[Image]:
        yield Image(np.zeros((2, 2, 3), np.uint8))

    (shot,) = Given(broken).shots()
    assert "pixels" not in repr(shot)
    assert shot.image().size_hw == (2, 2)


@contextmanager
def folder_server(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """The address of a folder, and what was asked for."""
    asked: list[str] = []

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            asked.append(self.path)

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
    thread.join()


def write_playlist(path: Path, count: int) -> None:
    import av

    options = {"hls_time": "1", "hls_list_size": "0", "hls_playlist_type": "vod"}
    container: Any = av.open(str(path), "w", format="hls", container_options=options)
    with container:
        stream = container.add_stream("libx264", rate=20)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        stream.options = {"g": "20", "bf": "0"}
        for number in range(count):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(numbered(number), format="rgb24")))
        container.mux(stream.encode())


def test_a_playlist_over_http_gives_every_frame_and_ends(tmp_path: Path) -> None:
    write_playlist(tmp_path / "live.m3u8", 50)
    with folder_server(tmp_path) as (address, _):
        got, end = shots(open_source(f"{address}/live.m3u8", timeout=2))
    assert ([number_of(s.image().pixels) for s in got], end) == (list(range(50)), "")
    assert [s.moment.seconds for s in got] == pytest.approx([i / 20 for i in range(50)], abs=0.001)


def test_a_video_over_http_is_a_recording(tmp_path: Path) -> None:
    write_clip(tmp_path / "a.mp4", [0, 0.1, 0.5])
    with folder_server(tmp_path) as (address, _):
        source = open_source(f"{address}/a.mp4", timeout=2)
        got, end = shots(source)
    assert ([number_of(s.image().pixels) for s in got], end, source.is_live) == ([0, 1, 2], "", False)
    assert [s.moment.seconds for s in got] == pytest.approx([0, 0.1, 0.5], abs=1e-4)


def test_a_playlist_called_a_video_reaches_no_other_machine(tmp_path: Path) -> None:
    (tmp_path / "served").mkdir()
    write_clip(tmp_path / "served" / "a.mp4", [0])
    with folder_server(tmp_path / "served") as (address, asked):
        (tmp_path / "a.mp4").write_text(
            f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{address}/a.mp4\n#EXT-X-ENDLIST\n"
        )
        with pytest.raises(OcellaError):
            list(open_source(tmp_path / "a.mp4").images())
    assert asked == []


def test_without_pyav_files_are_read_and_other_streams_name_the_extra(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4", [i / 10 for i in range(12)])
    code = f"""
import sys
sys.modules["av"] = None
from ocella.errors import MissingExtra
from ocella.media.sources.choose import open_source
from ocella.media.timed_video import TimedVideo
with TimedVideo({str(tmp_path / "b.mp4")!r}) as video:
    for image in open_source({str(path)!r}).images():
        video.write(image, image.moment.seconds)
print(video.frames, video.note)
try:
    open_source("rtsp://cam/1")
except MissingExtra as error:
    print(error.extra)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert ran.stderr == ""
    assert ran.stdout.startswith("12 PyAV is not installed: all pictures are shown at 10.000 a second")
    assert ran.stdout.endswith("video\n")
