import socket
from collections.abc import Iterator
from typing import Any

import pytest
from tests.workflows.blocks.sinks.loopback import Clock, allowed
from tests.workflows.running import Step, run_step

from ocella.errors import InvalidValue, InvalidWorkflow

NAMESPACE = "http://example.com/line"


class Plant:
    """asyncua's own server: Objects/Hall/Line1 with variables, and one with a name of its own."""

    def __init__(self) -> None:
        from asyncua import ua
        from asyncua.sync import Server

        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.url = f"opc.tcp://127.0.0.1:{port}/plant"
        self.server = Server()
        self.server.set_endpoint(self.url)
        self.server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        number = self.server.register_namespace(NAMESPACE)
        line = self.server.nodes.objects.add_object(number, "Hall").add_object(number, "Line1")
        kinds = {"Count": 0, "Ratio": 0.0, "On": False, "Text": "", "Small": (0, ua.VariantType.Int16)}
        self.variables = {}
        for name, start in kinds.items():
            value, kind = start if isinstance(start, tuple) else (start, None)
            self.variables[name] = line.add_variable(number, name, value, kind)
            self.variables[name].set_writable()
        fixed = line.add_variable(number, "Fixed", 1)
        self.variables["Fixed"] = fixed
        self.variables["Named"] = line.add_variable(ua.NodeId.from_string(f"ns={number};s=[Tags]/Ramp/N"), "N", 0)
        self.variables["Named"].set_writable()
        self.number = number
        self.server.start()

    def value(self, name: str) -> Any:
        return self.variables[name].read_value()


@pytest.fixture(scope="module")
def plant() -> Iterator[Plant]:
    found = Plant()
    yield found
    found.server.stop()


def fields(plant: Plant, name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {
        "url": plant.url, "namespace": NAMESPACE, "object_name": "Hall/Line1", "variable_name": name, "value_type": kind,
        "fire_and_forget": False, "cooldown_seconds": 0, "max_retries": 1, **more,
    }  # fmt: skip


def write(plant: Plant, value: Any, name: str, kind: str, **more: Any) -> Any:
    return run_step(
        "roboflow_enterprise/opc_writer_sink@v1", {"value": value}, allowed(), **fields(plant, name, kind, **more)
    )


VALUES = [("Count", "Int64", 7, 7), ("Count", "Integer", "8", 8), ("Ratio", "Double", 1, 1.0), ("On", "Boolean", "true", True), ("On", "Boolean", 0, False), ("Text", "String", 3.5, "3.5"), ("Small", "Int16", 5, 5)]  # fmt: skip


@pytest.mark.parametrize(("name", "kind", "value", "expected"), VALUES)
def test_a_value_is_written_in_its_type(plant: Plant, name: str, kind: str, value: Any, expected: Any) -> None:
    out = write(plant, value, name, kind)
    assert out == {"error_status": False, "disabled": False, "throttling_status": False, "message": "Value written."}
    assert plant.value(name) == expected


def test_by_the_name_of_its_own_and_the_number_of_the_namespace(plant: Plant) -> None:
    more = {"node_lookup_mode": "direct", "object_name": "[Tags]/Ramp", "namespace": str(plant.number)}
    assert write(plant, 12, "N", "Int64", **more)["error_status"] is False
    assert plant.value("Named") == 12


REFUSED = [
    ("another type", "Count", "String", {}, "BadTypeMismatch"),
    ("not writable", "Fixed", "Int64", {}, "BadUserAccessDenied"),
    ("no such variable", "Nothing", "Int64", {}, "BadNoMatch"),
    ("no such namespace", "Count", "Int64", {"namespace": "http://other"}, "http://other"),
]


@pytest.mark.parametrize(("case", "name", "kind", "more", "says"), REFUSED, ids=[r[0] for r in REFUSED])
def test_what_the_server_refuses_is_told(
    plant: Plant, case: str, name: str, kind: str, more: dict[str, Any], says: str
) -> None:
    del case
    out = write(plant, 1, name, kind, **more)
    assert out["error_status"] is True
    assert says in out["message"]


def test_one_connection_serves_many_runs_and_the_cooldown_holds(plant: Plant) -> None:
    clock = Clock()
    given = fields(plant, "Count", "Int64", cooldown_seconds=5)
    with Step("opc_writer_sink", allowed(now=clock), **given) as step:
        outs = []
        for i, seconds in enumerate((0, 4, 1)):
            clock.later(seconds)
            outs.append(step.run(value=i))
    assert [o["throttling_status"] for o in outs] == [False, True, False]
    assert plant.value("Count") == 2


def test_a_server_that_is_not_there_is_tried_again_with_longer_waits() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"opc.tcp://127.0.0.1:{free.getsockname()[1]}"
    waits: list[float] = []
    given = {
        "url": url, "namespace": "2", "object_name": "a", "variable_name": "b", "fire_and_forget": False,
        "max_retries": 3, "retry_backoff_seconds": 0.5,
    }  # fmt: skip
    out = run_step("opc_writer_sink", {"value": 1}, allowed(sleep=waits.append), **given)
    assert out["error_status"] is True
    assert "cannot be reached" in out["message"]
    assert waits == [0.5, 1.0]


def test_switched_off_and_wrong_values(plant: Plant) -> None:
    out = write(plant, 1, "Count", "Int64", disable_sink=True)
    assert (out["disabled"], out["error_status"]) == (True, False)
    with pytest.raises(InvalidValue, match="a value of type Int64, got 'many'"):
        write(plant, "many", "Count", "Int64")
    with pytest.raises(InvalidWorkflow, match="'Boolean', 'Double'"):
        write(plant, 1, "Count", "Number")
    assert "opc.tcp://" in write(plant, 1, "Count", "Int64", url="http://127.0.0.1")["message"]
