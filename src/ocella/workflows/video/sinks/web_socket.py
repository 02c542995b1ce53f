"""Results to a WebSocket, one text message a frame."""

import contextlib
import importlib.util
from typing import Any
from urllib.parse import urlsplit

from ocella.errors import InvalidValue, MissingExtra, OcellaError
from ocella.media.sources.source import redact
from ocella.workflows.video.feed import Retry
from ocella.workflows.video.frame_result import FrameResult
from ocella.workflows.video.sinks.remote import Remote

__all__ = ["WebSocket"]


class WebSocket(Remote):
    """Sends each result to `url` (ws:// or wss://) as JSON. Needs the extra 'websocket'."""

    def __init__(self, url: str, *, timeout: float = 5.0, retry: Retry | None = None) -> None:
        if urlsplit(url).scheme not in ("ws", "wss"):
            raise InvalidValue(f"url must begin with ws:// or wss://, got {redact(url)!r}.")
        if importlib.util.find_spec("websockets") is None:
            raise MissingExtra("Sending to a WebSocket", "websocket")
        self._url, self.timeout = url, timeout
        self._connection: Any = None
        self._open = contextlib.ExitStack()
        super().__init__(url, retry or Retry())

    def _connect(self) -> None:
        from websockets.exceptions import WebSocketException
        from websockets.sync.client import connect

        fault = ""
        try:
            self._connection = self._open.enter_context(
                connect(self._url, open_timeout=self.timeout, close_timeout=1, proxy=None)
            )
        except (OSError, WebSocketException) as error:
            fault = redact(str(error)) or type(error).__name__
        if fault:
            raise OcellaError(f"{self.name} cannot be reached: {fault.rstrip('.')}.")

    def _send(self, text: str, result: FrameResult) -> None:
        from websockets.exceptions import WebSocketException

        del result
        try:
            self._connection.send(text)
        except (OSError, WebSocketException) as error:
            raise OcellaError(f"{self.name} broke off: {redact(str(error)).rstrip('.')}.") from error

    def _disconnect(self) -> None:
        with contextlib.suppress(Exception):
            self._open.close()
