"""Streams from an address: RTSP, HLS and videos over HTTP by PyAV, Motion JPEG over HTTP by itself."""

import logging
import threading
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from ocella.errors import InvalidValue, NotFound, Refused, Unreadable
from ocella.media.find import VIDEO_SUFFIXES
from ocella.media.sources.decoding import decode, need_av, open_container
from ocella.media.sources.motion_jpeg import parts, to_pixels
from ocella.media.sources.source import Lost, Raw, Source, redact

__all__ = ["SCHEMES", "NetworkStream"]

SCHEMES = ("rtsp", "rtsps", "http", "https", "rtmp", "rtmps", "srt", "udp", "rtp", "tcp")


class NetworkStream(Source):
    """A camera or video at an address. Name and password stand in the address and are never shown. `timeout` is how many
    seconds without a frame end a connection; RTSP runs over `transport` tcp, or udp.
    """

    def __init__(self, url: str, *, timeout: float = 10.0, transport: str = "tcp", name: str = "") -> None:
        parts_of = urlsplit(url)
        if parts_of.scheme.lower() not in SCHEMES:
            raise InvalidValue(f"An address must begin with one of {', '.join(SCHEMES)}, got {redact(url)!r}.")
        if not timeout > 0 or transport not in ("tcp", "udp"):
            raise InvalidValue(f"timeout must be above 0 and transport tcp or udp, got {timeout} and {transport!r}.")
        self._url, self.timeout, self.transport = url, timeout, transport
        self.suffix = PurePosixPath(parts_of.path).suffix.lower()
        self._is_http = parts_of.scheme.lower() in ("http", "https")
        if not self._is_http:
            need_av(f"Reading {parts_of.scheme} streams")
        self._socket: Any = None
        self._lock = threading.Lock()
        super().__init__(name or url, is_live=not (self._is_http and self.suffix in VIDEO_SUFFIXES))

    def connect(self) -> Iterator[Raw]:
        """Frames of one connection."""
        if self._is_http and self.suffix not in VIDEO_SUFFIXES | {".m3u8"}:
            yield from self._over_http()
        else:
            yield from self._by_av()

    def interrupt(self) -> None:
        """Also ends a read of Motion JPEG that waits; other reads end by their timeout."""
        super().interrupt()
        with self._lock:
            if self._socket is not None:
                _shut(self._socket)

    def _by_av(self) -> Iterator[Raw]:
        need_av(f"Reading {self.name}")
        # the rate is told or not; to measure it would hold back a second of frames
        options = {"fpsprobesize": "0"} if self.is_live else {}
        if self._is_http:  # a playlist leads to other addresses, but not to files
            options["protocol_whitelist"] = "http,https,httpproxy,tcp,tls,crypto,data"
        if self._url.lower().startswith("rtsp"):
            options["rtsp_transport"] = self.transport
        limits = (self.timeout, self.timeout)
        container, stream = open_container(self._url, self.name, is_live=self.is_live, options=options, timeout=limits)
        try:
            ends = container.duration is not None and container.duration > 0
            yield from decode(container, stream, self.name, is_live=not ends, stop=lambda: self.interrupted)
        finally:
            container.close()

    def _over_http(self) -> Iterator[Raw]:
        """Motion JPEG where the server says so; anything else is for FFmpeg to find out."""
        import httpx

        _keep_quiet()
        url, auth = _without_login(self._url)
        limits = httpx.Timeout(self.timeout)
        fault: Exception | None = None
        kind = ""
        try:
            with (
                httpx.Client(timeout=limits, auth=auth, follow_redirects=True) as client,
                client.stream("GET", url, headers={"Accept": "multipart/x-mixed-replace, */*"}) as response,
            ):
                kind = response.headers.get("content-type", "")
                self._refuse(response.status_code)
                if kind.lower().startswith("multipart/"):
                    self._hold(response)
                    yield from self._motion_jpeg(response, kind)
        except (httpx.HTTPError, OSError) as error:
            why = (
                "sent nothing in time"
                if isinstance(error, httpx.TimeoutException)
                else f"broke off: {redact(str(error))}"
            )
            fault = Lost(f"{self.name} {why.rstrip('.')}.")
        finally:
            self._hold(None)
        if self.interrupted:
            return
        if fault is not None:
            raise fault
        if kind.lower().startswith("multipart/"):
            raise Lost(f"{self.name} ended the connection.")
        yield from self._by_av()

    def _motion_jpeg(self, response: Any, kind: str) -> Iterator[Raw]:
        first: float | None = None
        for part in parts(response.iter_raw(), kind):
            if self.interrupted:
                return
            if first is None:
                first = part.seconds
            seconds = None if part.seconds is None or first is None else part.seconds - first
            yield Raw(to_pixels(part.data, self.name), seconds)

    def _hold(self, response: Any) -> None:
        with self._lock:
            network = None if response is None else response.extensions.get("network_stream")
            self._socket = None if network is None else network.get_extra_info("socket")
            if self._socket is not None and self.interrupted:
                _shut(self._socket)

    def _refuse(self, status: int) -> None:
        if status in (401, 403):
            raise Refused(
                f"{self.name} refuses the name and password, or wants some. Give them in the address: user:password@host."
            )
        if status in (404, 410):
            raise NotFound(f"{self.name} is not there: HTTP {status}. Check the address.")
        if status >= 500 or status == 429:
            raise Lost(f"{self.name} is not ready: HTTP {status}.")
        if status >= 400:
            raise Unreadable(f"{self.name} answers HTTP {status}. Check the address.")


def _without_login(url: str) -> tuple[str, Any]:
    """The address for HTTP, and what logs in by whichever way the server asks for."""
    split = urlsplit(url)
    if split.username is None:
        return url, None
    host = split.netloc.rpartition("@")[2]
    return urlunsplit(split._replace(netloc=host)), _Login(unquote(split.username), unquote(split.password or ""))


def _Login(name: str, password: str) -> Any:  # noqa: N802  # a class that is made when httpx is there
    import httpx

    class Login(httpx.Auth):
        """Basic or digest, as the server asks for."""

        def auth_flow(self, request: Any) -> Any:
            response = yield request
            if response.status_code != 401:
                return
            wants = response.headers.get("www-authenticate", "").lower()
            if wants.startswith("digest"):
                digest = httpx.DigestAuth(name, password)
                flow = digest.auth_flow(request)
                next(flow)
                yield flow.send(response)
            else:
                yield next(httpx.BasicAuth(name, password).auth_flow(request))

    return Login()


class _Redacting(logging.Filter):
    """Lets no password or token of an address into a log."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), ()
        return True


_REDACTING = _Redacting()


def _keep_quiet() -> None:
    """What asks for pages by HTTP logs their addresses in full."""
    for name in ("httpx", "httpcore.http11", "httpcore.connection"):
        logging.getLogger(name).addFilter(_REDACTING)


def _shut(socket: Any) -> None:
    import contextlib
    from socket import SHUT_RDWR

    with contextlib.suppress(OSError):
        socket.shutdown(SHUT_RDWR)
