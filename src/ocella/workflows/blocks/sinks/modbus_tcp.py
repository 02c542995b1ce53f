"""Registers of a controller, read and written by Modbus TCP."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import Field

from ocella.errors import MissingExtra
from ocella.workflows.blocks.sinks._base import Effect

__all__ = ["UNITS"]

Register = Annotated[int, Field(ge=0, le=65535)]


class Registers(NamedTuple):
    """One mapping with `read` and `write`, each by register."""

    modbus_results: list[Any]


class ModbusTcp(Effect):
    """Read holding registers of a controller, or write them, or both (written first). `modbus_results` holds one mapping:
    `read` gives each register's value or "ReadFailure", `write` "WriteSuccess" or "WriteFailure". `depends_on` is what the
    step waits for. `unit_id` is the device behind a gateway.
    """

    type = "modbus_tcp@v1"
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowParameter", "name": "trigger", "default_value": 1}],
        "steps": [
            {
                "type": "modbus_tcp",
                "name": "plc",
                "plc_ip": "10.0.0.5",
                "mode": "read_and_write",
                "registers_to_read": [1000, 1001],
                "registers_to_write": {"1005": 25},
                "depends_on": "$inputs.trigger",
            }
        ],
        "outputs": [{"type": "JsonField", "name": "values", "selector": "$steps.plc.modbus_results"}],
    }

    plc_ip: str
    mode: Literal["read", "write", "read_and_write"]
    plc_port: Annotated[int, Field(ge=1, le=65535)] = 502
    registers_to_read: list[Register] = []  # a default, never changed
    registers_to_write: dict[Register, Register] = {}
    unit_id: Annotated[int, Field(ge=0, le=255)] = 1
    timeout: Annotated[float, Field(gt=0, le=600)] = 3
    disable_sink: bool = False

    def setup(self) -> None:
        """Not connected yet."""
        super().setup()
        self._client: Any = None
        self._wanted = ("", 0)

    def close(self) -> None:
        """Leave the controller."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def run(self, depends_on: Any = None) -> Registers:
        """Write and read the registers."""
        del depends_on
        if self.off(disabled=self.disable_sink):
            return Registers([])
        client = self._connected()
        found: dict[str, dict[int, int | str]] = {}
        if self.mode != "read":
            found["write"] = {r: self._write(client, r, value) for r, value in self.registers_to_write.items()}
        if self.mode != "write":
            found["read"] = {r: self._read(client, r) for r in self.registers_to_read}
        return Registers([found])

    def _connected(self) -> Any:
        """A client; each call connects again where the connection is gone."""
        from ocella.workflows.fetch import check_host

        try:
            from pymodbus.client import ModbusTcpClient
        except ImportError as error:
            raise MissingExtra("modbus_tcp", "industrial") from error
        wanted = (self.plc_ip, self.plc_port)
        if self._client is not None and self._wanted == wanted:
            return self._client
        self.close()
        check_host(*wanted, private=self.private)
        self._wanted = wanted
        self._client = ModbusTcpClient(self.plc_ip, port=self.plc_port, timeout=self.timeout, retries=0)
        return self._client

    def _read(self, client: Any, register: int) -> int | str:
        from pymodbus.exceptions import ModbusException

        try:
            answer = (
                client.read_holding_registers(register, count=1, device_id=self.unit_id)
                if self._ready(client)
                else None
            )
        except (ModbusException, OSError):
            return "ReadFailure"
        return "ReadFailure" if answer is None or answer.isError() else int(answer.registers[0])

    def _write(self, client: Any, register: int, value: int) -> str:
        from pymodbus.exceptions import ModbusException

        try:
            answer = client.write_register(register, value, device_id=self.unit_id) if self._ready(client) else None
        except (ModbusException, OSError):
            return "WriteFailure"
        return "WriteFailure" if answer is None or answer.isError() else "WriteSuccess"

    def _ready(self, client: Any) -> bool:
        return bool(client.connected or client.connect())


UNITS = (ModbusTcp,)
