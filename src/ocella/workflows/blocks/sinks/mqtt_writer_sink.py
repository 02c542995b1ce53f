"""Messages published by MQTT."""

from collections.abc import Mapping
from threading import Event
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from ocella.errors import MissingExtra
from ocella.workflows.blocks.sinks._base import Effect, Sent, delivered
from ocella.workflows.kinds import Secret

__all__ = ["UNITS"]


class MqttWriterSink(Effect):
    """Publish a message on a topic of an MQTT broker. The connection stays open from run to run; `timeout` is for connecting
    and for sending, in seconds. With `tls` it is encrypted.
    """

    type = "mqtt_writer_sink@v1"
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowParameter", "name": "text", "default_value": "open"}],
        "steps": [
            {
                "type": "mqtt_writer_sink",
                "name": "tell",
                "host": "broker.example.com",
                "port": 1883,
                "topic": "gates/1",
                "message": "$inputs.text",
            }
        ],
        "outputs": [{"type": "JsonField", "name": "failed", "selector": "$steps.tell.error_status"}],
    }

    host: str
    port: Annotated[int, Field(ge=1, le=65535)]
    topic: Annotated[str, Field(min_length=1)]
    qos: Literal[0, 1, 2] = 0
    retain: bool = False
    timeout: Annotated[float, Field(gt=0, le=600)] = 0.5
    username: str | None = None
    password: Secret | None = None
    tls: bool = False
    disable_sink: bool = False

    def setup(self) -> None:
        """Not connected yet."""
        super().setup()
        self._connection: _Connection | None = None

    def close(self) -> None:
        """Leave the broker."""
        if self._connection is not None:
            self._connection.close()

    def run(self, message: str) -> Sent:
        """Publish one message."""
        why = self.off(disabled=self.disable_sink)
        return Sent(error_status=False, message=why) if why else delivered(lambda: self._publish(message))

    def _publish(self, message: str) -> str:
        from ocella.workflows.fetch import check_host

        account = (self.host, self.port, self.username, self.password, self.tls)
        if self._connection is None or self._connection.account != account:
            self.close()
            check_host(self.host, self.port, private=self.private)
            self._connection = _Connection(account)
        try:
            self._connection.publish(self.topic, message, self.qos, retain=self.retain, timeout=self.timeout)
        except OSError:
            self._connection.close()
            self._connection = None
            raise
        return "Message published."


class _Connection:
    """A client of a broker with a thread of its own."""

    def __init__(self, account: tuple[Any, ...]) -> None:
        try:
            from paho.mqtt import client as mqtt
            from paho.mqtt.enums import CallbackAPIVersion
        except ImportError as error:
            raise MissingExtra("mqtt_writer_sink", "industrial") from error
        self.account = account
        self._answered, self._refused, self._started = Event(), "", False
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2)
        _, _, user, password, tls = account
        if user:
            self._client.username_pw_set(user, password)
        if tls:
            self._client.tls_set()
        self._client.on_connect = self._on_connect

    def publish(self, topic: str, message: str, qos: int, *, retain: bool, timeout: float) -> None:
        """Connect where that is not done, then publish; raises ConnectionError."""
        if not self._started:
            self._client.connect_timeout = timeout
            self._client.connect(self.account[0], self.account[1])
            self._client.loop_start()
            self._started = True
        if not self._answered.wait(timeout):
            raise ConnectionError("the broker did not answer in time.")
        if self._refused:
            raise ConnectionError(f"the broker refuses the connection: {self._refused}.")
        try:
            sent = self._client.publish(topic, message, qos, retain)
            sent.wait_for_publish(timeout)
        except (RuntimeError, ValueError) as error:  # not connected any more; a topic with wildcards
            raise ConnectionError(f"the message was not published: {error}.") from error
        if not sent.is_published():
            raise ConnectionError("the broker did not take the message in time.")

    def close(self) -> None:
        """Leave, and end the thread."""
        if self._started:
            self._client.disconnect()
            self._client.loop_stop()
            self._started = False

    def _on_connect(self, _client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self._refused = str(reason) if reason.is_failure else ""
        self._answered.set()


UNITS = (MqttWriterSink,)
