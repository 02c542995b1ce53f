import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from tests.workflows.blocks.sinks.loopback import allowed
from tests.workflows.running import Step, run_step

from ocella.errors import InvalidWorkflow


@pytest.fixture(scope="module")
def controller() -> Iterator[int]:
    """pymodbus' own server with holding registers 0 to 99, each its own number times ten; the port."""
    from pymodbus.server import ModbusTcpServer
    from pymodbus.simulator import DataType, SimData, SimDevice

    loop, ready, port = asyncio.new_event_loop(), threading.Event(), [0]

    async def serve() -> None:
        data = SimData(0, values=[i * 10 for i in range(100)], datatype=DataType.REGISTERS)
        server = ModbusTcpServer(SimDevice(1, simdata=[data]), address=("127.0.0.1", 0))
        await server.serve_forever(background=True)
        listening: Any = server.transport
        port[0] = listening.sockets[0].getsockname()[1]
        stopping.append(asyncio.Event())
        ready.set()
        await stopping[0].wait()
        await server.shutdown()  # type: ignore[no-untyped-call]  # pymodbus does not say

    stopping: list[asyncio.Event] = []
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert ready.wait(10)
    yield port[0]
    loop.call_soon_threadsafe(stopping[0].set)
    thread.join()
    loop.close()


def ask(port: int, **fields: Any) -> Any:
    given = {"plc_ip": "127.0.0.1", "plc_port": port, "timeout": 1, **fields}
    return run_step("roboflow_core/modbus_tcp@v1", {"depends_on": 1}, allowed(), **given)["modbus_results"]


def test_registers_are_read(controller: int) -> None:
    assert ask(controller, mode="read", registers_to_read=[3, 7]) == [{"read": {3: 30, 7: 70}}]


def test_registers_are_written_then_read(controller: int) -> None:
    found = ask(
        controller, mode="read_and_write", registers_to_read=[50, 51], registers_to_write={"50": 1234, "51": 65535}
    )
    assert found == [{"write": {50: "WriteSuccess", 51: "WriteSuccess"}, "read": {50: 1234, 51: 65535}}]
    assert ask(controller, mode="write", registers_to_write={"50": 500}) == [{"write": {50: "WriteSuccess"}}]


def test_a_register_that_is_not_there_fails_alone(controller: int) -> None:
    found = ask(controller, mode="read_and_write", registers_to_read=[1, 5000], registers_to_write={"5000": 1})
    assert found == [{"write": {5000: "WriteFailure"}, "read": {1: 10, 5000: "ReadFailure"}}]


def test_a_controller_that_is_not_there(controller: int) -> None:
    del controller
    assert ask(1, mode="read", registers_to_read=[1]) == [{"read": {1: "ReadFailure"}}]


def test_one_connection_serves_many_runs(controller: int) -> None:
    given = {"plc_ip": "127.0.0.1", "plc_port": controller, "mode": "read", "registers_to_read": [2]}
    with Step("modbus_tcp", allowed(), **given) as step:
        assert [step.run(depends_on=i)["modbus_results"] for i in range(3)] == [[{"read": {2: 20}}]] * 3


def test_switched_off_it_asks_nobody() -> None:
    assert ask(1, mode="read", registers_to_read=[1], disable_sink=True) == []


def test_wrong_fields_are_told() -> None:
    with pytest.raises(InvalidWorkflow) as caught:
        ask(502, mode="both", registers_to_write={"70000": 1, "1": -1}, registers_to_read=[-1])
    assert {p.field.split(".")[0] for p in caught.value.problems} == {"mode", "registers_to_write", "registers_to_read"}
