"""Results to an MQTT broker, one message a frame."""

import contextlib
import importlib.util
from typing import Any, Literal

from ocella.errors import InvalidValue, MissingExtra, OcellaError
from ocella.workflows.video.feed import Retry
from ocella.workflows.video.frame_result import FrameResult
from ocella.workflows.video.sinks.remote import Remote

__all__ = ["Mqtt"]


class Mqtt(Remote):
    """Publishes each result under `topic` as JSON; with quality of service 1 a result counts as written when the broker has
    said so. Needs the extra 'mqtt'.
    """

    def __init__(
        self,
        host: str,
        topic: str,
        *,
        port: int = 1883,
        username: str = "",
        password: str = "",
        qos: Literal[0, 1] = 0,
        tls: bool = False,
        timeout: float = 5.0,
        retry: Retry | None = None,
    ) -> None:
        if not topic or "+" in topic or "#" in topic or qos not in (0, 1):
            raise InvalidValue(f"topic must be a name without + and #, and qos 0 or 1, got {topic!r} and {qos}.")
        if importlib.util.find_spec("paho") is None:
            raise MissingExtra("Publishing to MQTT", "mqtt")
        self.host, self.port, self.topic, self.qos, self.tls, self.timeout = host, port, topic, qos, tls, timeout
        self._login = (username, password) if username else None
        self._client: Any = None
        super().__init__(f"mqtt://{host}:{port}/{topic}", retry or Retry())

    def _connect(self) -> None:
        import threading

        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion

        answered, said = threading.Event(), []

        def connected(_client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
            said.append(reason)
            answered.set()

        client = Client(CallbackAPIVersion.VERSION2)
        client.on_connect = connected
        client.connect_timeout = self.timeout
        if self._login is not None:
            client.username_pw_set(*self._login)
        if self.tls:
            client.tls_set()
        self._client = client
        try:
            client.connect(self.host, self.port)
        except (OSError, ValueError) as error:
            raise OcellaError(f"{self.name} cannot be reached: {error}.") from error
        client.loop_start()
        if not answered.wait(self.timeout) or said[0].is_failure:
            self._disconnect()
            raise OcellaError(f"{self.name} does not let us in: {said[0] if said else 'no answer in time'}.")

    def _send(self, text: str, result: FrameResult) -> None:
        del result
        try:
            message = self._client.publish(self.topic, text, qos=self.qos)
            message.wait_for_publish(self.timeout)
            if not message.is_published():
                raise OcellaError(f"{self.name} did not take a message in time.")
        except (OSError, ValueError, RuntimeError) as error:
            raise OcellaError(f"{self.name} broke off: {error}.") from error

    def _disconnect(self) -> None:
        with contextlib.suppress(Exception):
            self._client.disconnect()
            self._client.loop_stop()
