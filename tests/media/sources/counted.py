"""Frames that carry their number in blocks that survive compression, and cameras on loopback that send them."""

import http.server
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
BITS = 16


def numbered(number: int, height: int = 64, width: int = 64) -> Pixels:
    """A picture whose 4 by 4 blocks are the bits of a number, the first at the top left; black below the middle bit."""
    bits = (number >> np.arange(BITS)) & 1
    blocks = (bits * 220 + 16).astype(np.uint8).reshape(4, 4)
    grey = np.repeat(np.repeat(blocks, height // 4, axis=0), width // 4, axis=1)
    return np.repeat(grey[:, :, None], 3, axis=2)


def number_of(pixels: npt.NDArray[Any]) -> int:
    """The number in a picture of `numbered`."""
    height, width = pixels.shape[0] // 4, pixels.shape[1] // 4
    middle = pixels[height // 2 :: height, width // 2 :: width].mean(axis=2)[:4, :4]
    return int(((middle.reshape(-1) > 128) << np.arange(BITS)).sum())


def jpeg(number: int) -> bytes:
    import cv2

    good, data = cv2.imencode(".jpg", numbered(number))
    assert good
    return bytes(data)


def write_clip(path: Path, times: Sequence[float], codec: str = "libx264", **options: str) -> Path:
    """A video with a frame at each of these seconds, written by PyAV alone."""
    import av

    container: Any = av.open(str(path), "w")
    with container:
        stream: Any = container.add_stream(codec, rate=30)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, 60_000)
        stream.options = {"bf": "0", "g": "12"} | options
        for number, seconds in enumerate(times):
            frame = av.VideoFrame.from_ndarray(numbered(number), format="rgb24")
            frame.pts, frame.time_base = round(seconds * 60_000), Fraction(1, 60_000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


class MotionJpegCamera:
    """Sends numbered frames at a steady rate to whoever asks, one client at a time; numbers go on over connections. The frame
    with a number in `broken` is cut; after one in `hang_up` the connection is closed; at one in `stall` it waits so long.
    With `timestamps` each head tells `number / fps` as its time. It stops at `last`, and sends nothing more.
    """

    def __init__(
        self,
        fps: float,
        *,
        last: int | None = None,
        broken: frozenset[int] = frozenset(),
        hang_up: frozenset[int] = frozenset(),
        stall: Mapping[int, float] | None = None,
        timestamps: bool = False,
        login: str = "",
        lengths: bool = True,
    ) -> None:
        self.fps, self.last, self.broken, self.hang_up = fps, last, broken, hang_up
        self.stall, self.timestamps, self.login, self.lengths = stall or {}, timestamps, login, lengths
        self.sent: list[int] = []
        self.connections = 0
        self.quit = threading.Event()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/stream"

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

    def parts(self) -> Iterator[bytes]:
        """The parts of one connection, each when it is due."""
        self.connections += 1
        due = time.monotonic()
        while not self.quit.is_set():
            number = len(self.sent)
            if self.last is not None and number > self.last:
                self.quit.wait()
                return
            due = max(due + 1 / self.fps, time.monotonic() + self.stall.get(number, 0.0))
            if self.quit.wait(max(due - time.monotonic(), 0)):
                return
            data = jpeg(number)
            data = data[: len(data) // 2] if number in self.broken else data
            head = "--cut\r\nContent-Type: image/jpeg\r\n"
            if self.lengths:
                head += f"Content-Length: {len(data)}\r\n"
            if self.timestamps:
                head += f"X-Timestamp: {1000 + number / self.fps:.6f}\r\n"
            self.sent.append(number)
            yield head.encode() + b"\r\n" + data + b"\r\n"
            if number in self.hang_up:
                return


def _handler(camera: MotionJpegCamera) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if camera.login and self.headers.get("Authorization") != camera.login:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="camera"')
                self.end_headers()
                return
            if self.path != "/stream":
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=cut")
            self.end_headers()
            try:
                for part in camera.parts():
                    self.wfile.write(part)
                if not camera.lengths and not camera.quit.is_set():
                    self.wfile.write(b"--cut--\r\n")
            except OSError:
                pass  # the client has gone

        def log_message(self, *_: object) -> None:
            pass

    return Handler
