"""Results to browsers over WebRTC: pictures as a video, outputs as JSON in data channels."""

import asyncio
import contextlib
import importlib.util
import json
import threading
from collections.abc import Coroutine, Mapping, Sequence
from fractions import Fraction
from typing import Any

from ocella.errors import InvalidValue, MissingExtra, OcellaError
from ocella.media.timed_video import fitted
from ocella.types import Image
from ocella.workflows.video.frame_result import FrameResult
from ocella.workflows.video.sinks.sink import Sink

__all__ = ["WebRtc"]

_TICKS = 90_000


class WebRtc(Sink):
    """Shows the results of one source (its number, from 0) to everybody whose offer was answered: the picture of `output`, by
    default of the first output that is one, else the frame; and a line of JSON a frame in each data channel that a viewer opens.
    A viewer that is slow misses frames. `ice_servers` are addresses of STUN and TURN servers; without any only this machine's
    own addresses are offered, and nobody else is asked. Needs the extra 'webrtc'.
    """

    full = "drop-oldest"
    size = 2

    def __init__(
        self, *, output: str = "", source: int = 0, ice_servers: Sequence[Mapping[str, Any] | str] = ()
    ) -> None:
        if importlib.util.find_spec("aiortc") is None:
            raise MissingExtra("Showing results over WebRTC", "webrtc")
        self.name, self.output, self.source = "webrtc", output, source
        self.ice_servers = [{"urls": s} if isinstance(s, str) else dict(s) for s in ice_servers]
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._watched = ""
        self._viewers: set[_Viewer] = set()

    def open(self, sources: Sequence[str]) -> None:
        """Raises InvalidValue where there is no such source."""
        if not 0 <= self.source < len(sources):
            raise InvalidValue(f"source must be 0 to {len(sources) - 1}, got {self.source}.")
        self._watched = sources[self.source]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="webrtc", daemon=True)
        self._thread.start()

    def answer(self, sdp: str, timeout: float = 10.0) -> str:
        """The answer (SDP) to a viewer's offer; may be called from any thread. Raises InvalidValue for what is no offer."""
        return str(self._run(self._answer(sdp), timeout))

    @property
    def viewers(self) -> int:
        """How many are connected."""
        return sum(v.connection.connectionState == "connected" for v in tuple(self._viewers))

    def write(self, result: FrameResult) -> None:
        """Shows it to all who watch."""
        if result.source != self._watched or not self._viewers or self._loop is None:
            return
        picture = result.picture(self.output)
        text = json.dumps(result.to_json(), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        self._loop.call_soon_threadsafe(self._show, picture, result.moment.seconds, text)

    def close(self) -> None:
        """Hangs up."""
        if self._loop is None or self._thread is None:
            return
        with contextlib.suppress(Exception):
            self._run(self._hang_up(), 5.0)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5.0)
        if not self._thread.is_alive():
            self._loop.close()
        self._loop = None

    def _run(self, work: Coroutine[Any, Any, Any], timeout: float) -> Any:
        if self._loop is None:
            work.close()
            raise InvalidValue("The stream does not run: start it before you answer an offer, and not after its end.")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(timeout)
        except TimeoutError as error:
            future.cancel()
            raise OcellaError(f"WebRTC did not get ready in {timeout} seconds. Check the ICE servers.") from error

    def _show(self, picture: Image | None, seconds: float, text: str) -> None:
        for viewer in tuple(self._viewers):
            viewer.show(picture, seconds, text)

    async def _answer(self, sdp: str) -> str:
        from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCSessionDescription

        # without a configuration aiortc asks a public server
        servers = [RTCIceServer(**server) for server in self.ice_servers]
        connection = RTCPeerConnection(RTCConfiguration(iceServers=servers))
        viewer = _Viewer(connection)

        @connection.on("connectionstatechange")
        async def changed() -> None:
            if connection.connectionState in ("failed", "closed"):
                self._viewers.discard(viewer)
                await connection.close()

        @connection.on("datachannel")
        def opened(channel: Any) -> None:
            viewer.channels.append(channel)

        try:
            await connection.setRemoteDescription(RTCSessionDescription(sdp=sdp, type="offer"))
        except Exception as error:
            await connection.close()
            raise InvalidValue(f"This is no offer: {error}.") from error
        if not connection.getTransceivers() and connection.sctp is None:
            await connection.close()
            raise InvalidValue("This is no offer: it asks for no video and no data.")
        if any(t.kind == "video" for t in connection.getTransceivers()):
            connection.addTrack(viewer.track)
        await connection.setLocalDescription(await connection.createAnswer())
        self._viewers.add(viewer)
        return str(connection.localDescription.sdp)

    async def _hang_up(self) -> None:
        viewers, self._viewers = self._viewers, set()
        for viewer in viewers:
            viewer.track.stop()
        await asyncio.gather(*(viewer.connection.close() for viewer in viewers))


class _Viewer:
    """One connection; everything here is done in the loop."""

    def __init__(self, connection: Any) -> None:
        self.connection, self.channels = connection, list[Any]()
        self.track = _track()

    def show(self, picture: Image | None, seconds: float, text: str) -> None:
        """The newest frame takes the place of one that was not sent yet."""
        if picture is not None:
            self.track.put(picture, seconds)
        for channel in self.channels:
            if channel.readyState == "open" and channel.bufferedAmount < 2**20:
                channel.send(text)


def _track() -> Any:
    from aiortc import VideoStreamTrack
    from aiortc.mediastreams import MediaStreamError

    class Track(VideoStreamTrack):
        """The newest picture at its own time."""

        def __init__(self) -> None:
            super().__init__()
            self._next: tuple[Image, float] | None = None
            self._came = asyncio.Event()
            self._first: float | None = None
            self._last = -1

        def put(self, picture: Image, seconds: float) -> None:
            self._next = picture, seconds
            self._came.set()

        async def recv(self) -> Any:
            import av

            await self._came.wait()
            self._came.clear()
            if self._next is None or self.readyState != "live":
                raise MediaStreamError
            (picture, seconds), self._next = self._next, None
            if self._first is None:
                self._first = seconds
            size = picture.height + picture.height % 2, picture.width + picture.width % 2
            frame = av.VideoFrame.from_ndarray(fitted(picture.pixels, size), format="rgb24")
            self._last = max(round((seconds - self._first) * _TICKS), self._last + 1)
            frame.pts, frame.time_base = self._last, Fraction(1, _TICKS)
            return frame

        def stop(self) -> None:
            super().stop()
            self._came.set()

    return Track()
