"""A camera on loopback that speaks RTSP, with RTP packets of H.264 in the same connection (RFC 2326, 3550, 6184)."""

import base64
import socketserver
import struct
import threading
import time
from fractions import Fraction
from types import TracebackType
from typing import Any, Self

from tests.media.sources.counted import numbered

_RTP_TICKS = 90_000
_FIRST_TICK = 123_456_789


class RtspCamera:
    """Sends numbered frames, each a key frame, at a steady rate; numbers and times go on over connections. After a number in
    `hang_up` the connection is closed; after `last` nothing comes any more. `login` is user:password (basic).
    """

    def __init__(
        self, fps: float, *, last: int | None = None, hang_up: frozenset[int] = frozenset(), login: str = ""
    ) -> None:
        self.fps, self.last, self.hang_up, self.login = fps, last, hang_up, login
        self.sent: list[int] = []
        self.connections = 0
        self.quit = threading.Event()
        self._encoder = _encoder()
        self.parameter_sets = [n for n in self.encode(0) if n[0] & 31 in (7, 8)]
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.camera = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        login = f"{self.login}@" if self.login else ""
        return f"rtsp://{login}127.0.0.1:{self._server.server_address[1]}/live"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.quit.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def encode(self, number: int) -> list[bytes]:
        """NAL units of one frame."""
        import av

        frame = av.VideoFrame.from_ndarray(numbered(number), format="rgb24")
        frame.pts, frame.time_base = number, Fraction(1, 1000)
        data = b"".join(bytes(packet) for packet in self._encoder.encode(frame))
        return [unit.rstrip(b"\0") for unit in data.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1") if unit]


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    camera: RtspCamera


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        try:
            while request := self._request():
                if self._answer(*request):
                    self._play()
                    return
        except OSError:
            pass  # the client has gone

    def _request(self) -> tuple[str, dict[str, str]] | None:
        first = self.rfile.readline().decode().strip()
        fields: dict[str, str] = {}
        while line := self.rfile.readline().decode().strip():
            name, _, value = line.partition(":")
            fields[name.strip().lower()] = value.strip()
        return (first.split()[0], fields) if first else None

    def _answer(self, method: str, fields: dict[str, str]) -> bool:
        camera, extra, body = self.server.camera, "Session: 1\r\n", ""
        code = "200 OK"
        wants = "Basic " + base64.b64encode(camera.login.encode()).decode()
        if camera.login and method != "OPTIONS" and fields.get("authorization") != wants:
            code, extra = "401 Unauthorized", 'WWW-Authenticate: Basic realm="camera"\r\n'
        elif method == "OPTIONS":
            extra = "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
        elif method == "DESCRIBE":
            sets = ",".join(base64.b64encode(unit).decode() for unit in camera.parameter_sets)
            body = (
                "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n"
                f"a=rtpmap:96 H264/90000\r\na=framerate:{camera.fps:g}\r\n"
                f"a=fmtp:96 packetization-mode=1; sprop-parameter-sets={sets}\r\na=control:track\r\n"
            )
            extra = "Content-Type: application/sdp\r\n"
        elif method == "SETUP":
            extra += "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
        text = f"RTSP/1.0 {code}\r\nCSeq: {fields.get('cseq', 0)}\r\n{extra}Content-Length: {len(body)}\r\n\r\n{body}"
        self.wfile.write(text.encode())
        return method == "PLAY"

    def _play(self) -> None:
        camera = self.server.camera
        camera.connections += 1
        due = time.monotonic()
        sequence = 0
        while not camera.quit.is_set():
            number = len(camera.sent)
            if camera.last is not None and number > camera.last:
                camera.quit.wait()
                return
            due += 1 / camera.fps
            if camera.quit.wait(max(due - time.monotonic(), 0)):
                return
            units = camera.encode(number)
            camera.sent.append(number)
            ticks = (_FIRST_TICK + round(number / camera.fps * _RTP_TICKS)) & 0xFFFFFFFF
            for place, unit in enumerate(units):
                mark = 0x80 if place == len(units) - 1 else 0
                packet = struct.pack(">BBHII", 0x80, mark | 96, sequence & 0xFFFF, ticks, 1) + unit
                self.wfile.write(struct.pack(">cBH", b"$", 0, len(packet)) + packet)
                sequence += 1
            if number in camera.hang_up:
                return


def _encoder() -> Any:
    import av

    encoder: Any = av.CodecContext.create("libx264", "w")
    encoder.width = encoder.height = 64
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = Fraction(1, 1000)
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "g": "1", "threads": "1"}
    return encoder
