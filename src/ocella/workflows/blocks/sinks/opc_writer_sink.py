"""Values written to an OPC UA server."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import Field

from ocella.errors import InvalidValue, MissingExtra
from ocella.workflows.blocks.sinks._base import Sink
from ocella.workflows.kinds import Secret

__all__ = ["UNITS"]

ValueType = Literal[
    "Boolean", "Double", "Float", "Int16", "Int32", "Int64", "Integer", "SByte", "String", "UInt16", "UInt32", "UInt64"
]  # fmt: skip


class Told(NamedTuple):
    """How one write went."""

    error_status: bool
    disabled: bool
    throttling_status: bool
    message: str


class OpcWriterSink(Sink):
    """Write a value to a variable of an OPC UA server. `namespace` is its address or number. The variable is found along its
    path from Objects (`hierarchical`), or by its own name ns=namespace;s=object/variable (`direct`). The connection stays
    open from run to run; it is tried `max_retries` times, with twice the wait each time.
    """

    type = "opc_writer_sink@v1"
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowParameter", "name": "count", "default_value": 3}],
        "steps": [
            {
                "type": "opc_writer_sink",
                "name": "tell",
                "url": "opc.tcp://plc.example.com:4840",
                "namespace": "http://example.com/line",
                "object_name": "Line1",
                "variable_name": "Count",
                "value": "$inputs.count",
                "value_type": "Int32",
            }
        ],
        "outputs": [{"type": "JsonField", "name": "failed", "selector": "$steps.tell.error_status"}],
    }

    url: str
    namespace: str
    object_name: str
    variable_name: str
    value_type: ValueType = "String"
    user_name: str | None = None
    password: Secret | None = None
    timeout: Annotated[float, Field(gt=0, le=600)] = 2
    node_lookup_mode: Literal["hierarchical", "direct"] = "hierarchical"
    max_retries: Annotated[int, Field(ge=1, le=20)] = 3
    retry_backoff_seconds: Annotated[float, Field(ge=0, le=60)] = 0.015

    def setup(self) -> None:
        """Not connected yet."""
        super().setup()
        self._client: Any = None
        self._account: tuple[Any, ...] = ()

    def close(self) -> None:
        """Finish what is on its way, then leave the server."""
        super().close()
        self._leave()

    def run(self, value: bool | float | str) -> Told:  # noqa: FBT001  # a value
        """Write one value."""
        held = self.held_back()
        if held is not None:
            off = not held.throttling_status
            return Told(held.error_status, off, held.throttling_status, held.message)
        given = _typed(value, self.value_type)
        target = _Target(self.namespace, self.object_name, self.variable_name, direct=self.node_lookup_mode == "direct")
        account = (self.url, self.user_name, self.password, self.timeout)
        error, throttled, message = self.start(lambda: self._write(account, target, given))
        return Told(error, False, throttled, message)  # the outputs, in their order

    def _write(self, account: tuple[Any, ...], target: "_Target", value: Any) -> str:
        try:
            from asyncua.ua.uaerrors import UaError
        except ImportError as error:
            raise MissingExtra("opc_writer_sink", "industrial") from error
        wait = self.retry_backoff_seconds
        for attempt in range(self.max_retries):
            try:
                target.write(self._connected(account), value, self.value_type)
            except (OSError, TimeoutError) as error:  # gone, or not there yet
                self._leave()
                if attempt + 1 == self.max_retries:
                    raise ConnectionError(
                        f"{account[0]} cannot be reached: {error or type(error).__name__}."
                    ) from error
                self.services.sleep(wait)
                wait *= 2
            except UaError as error:
                self._leave()
                raise ConnectionError(f"the server refuses: {error}.") from error
            else:
                break
        return "Value written."

    def _connected(self, account: tuple[Any, ...]) -> Any:
        if self._client is not None and self._account == account:
            return self._client
        self._leave()
        url, user, password, timeout = account
        _check(url, private=self.private)
        from asyncua.sync import Client

        client = Client(url, timeout=timeout)
        try:
            if user:
                client.set_user(user)
                client.set_password(password or "")
            client.connect()
        except BaseException:
            client.tloop.stop()
            raise
        self._client, self._account = client, account
        return client

    def _leave(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            from asyncua.ua.uaerrors import UaError

            try:
                client.disconnect()
            except (OSError, TimeoutError, UaError):  # it is gone already
                client.tloop.stop()


class _Target(NamedTuple):
    """Where a value goes."""

    namespace: str
    object_name: str
    variable_name: str
    direct: bool

    def write(self, client: Any, value: Any, value_type: str) -> None:
        from asyncua import ua

        try:
            number = int(self.namespace) if self.namespace.isdecimal() else client.get_namespace_index(self.namespace)
        except ValueError as error:
            raise InvalidValue(f"'namespace' expected one that the server has, got '{self.namespace}'.") from error
        if self.direct:
            node = client.get_node(f"ns={number};s={self.object_name}/{self.variable_name}")
        else:
            parts = [*self.object_name.split("/"), self.variable_name]
            node = client.nodes.objects.get_child([f"{number}:{part}" for part in parts if part])
        kind = ua.VariantType["Int64" if value_type == "Integer" else value_type]
        node.write_value(ua.DataValue(ua.Variant(value, kind)))


def _typed(value: Any, value_type: str) -> Any:
    """The value as its type has it; raises InvalidValue."""
    try:
        if value_type == "String":
            return str(value)
        if value_type == "Boolean":
            return value.strip().lower() in ("true", "1", "yes", "on") if isinstance(value, str) else bool(value)
        return float(value) if value_type in ("Double", "Float") else int(value)
    except ValueError as error:
        raise InvalidValue(f"'value' expected a value of type {value_type}, got {value!r}.") from error


def _check(url: str, *, private: bool) -> None:
    from ocella.workflows.fetch import check_host

    parts = urlsplit(url)
    if parts.scheme != "opc.tcp" or not parts.hostname:
        raise InvalidValue(f"'url' expected an address that begins with opc.tcp://, got '{url}'.")
    check_host(parts.hostname, parts.port or 4840, private=private)


UNITS = (OpcWriterSink,)
