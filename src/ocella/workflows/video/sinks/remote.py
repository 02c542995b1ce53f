"""Sinks that send each result to another machine, connecting anew where the connection is lost."""

import json
import time
from abc import abstractmethod
from collections.abc import Sequence

from ocella.errors import OcellaError
from ocella.media.sources.source import redact
from ocella.workflows.video.feed import Retry
from ocella.workflows.video.frame_result import FrameResult
from ocella.workflows.video.sinks.sink import Sink

__all__ = ["Remote"]


class Remote(Sink):
    """Sends JSON. What is too slow or away costs the oldest results, never the stream; between attempts to connect results
    fail, told with the reason.
    """

    full = "drop-oldest"
    size = 64

    def __init__(self, name: str, retry: Retry) -> None:
        self.name, self._retry = redact(name), retry
        self._attempts, self._not_before, self._why = 0, 0.0, ""
        self._connected = False

    def open(self, sources: Sequence[str]) -> None:
        """Nothing yet: the other side may come later than the stream."""

    def write(self, result: FrameResult) -> None:
        """Raises OcellaError where it could not be sent."""
        text = json.dumps(result.to_json(), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        fault = ""
        try:
            if not self._connected:
                if time.monotonic() < self._not_before:
                    fault = self._why
                else:
                    self._connect()
                    self._connected = True
            if self._connected:
                self._send(text, result)
                self._attempts = 0
                return
        except OcellaError as error:
            fault = str(error)
            self._lose(fault)
        raise OcellaError(fault)

    def close(self) -> None:
        """Ends the connection."""
        if self._connected:
            self._disconnect()

    def _lose(self, why: str) -> None:
        if self._connected:
            self._disconnect()
        self._connected = False
        self._attempts += 1
        self._why = why
        self._not_before = time.monotonic() + self._retry.delay(self._attempts)

    @abstractmethod
    def _connect(self) -> None:
        """Raises OcellaError."""

    @abstractmethod
    def _send(self, text: str, result: FrameResult) -> None:
        """Raises OcellaError where the connection is lost."""

    @abstractmethod
    def _disconnect(self) -> None:
        """Never raises."""
