from typing import Any

import pytest
from tests.workflows.blocks.sinks.loopback import Broker, allowed, broker
from tests.workflows.running import Step, run_step

from ocella.errors import InvalidWorkflow


def step(server: Broker, **fields: Any) -> Step:
    given = {"host": "127.0.0.1", "port": server.port, "topic": "gates/1", "timeout": 2, **fields}
    return Step("roboflow_enterprise/mqtt_writer_sink@v1", allowed(), **given)


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_a_message_is_published(qos: int) -> None:
    with broker() as server, step(server, qos=qos, retain=True) as sink:
        assert sink.run(message="offen ä") == {"error_status": False, "message": "Message published."}
    assert server.published == [("gates/1", "offen ä".encode(), qos, True)]


def test_one_connection_serves_many_runs_with_its_account() -> None:
    with broker() as server, step(server, username="me", password="secret") as sink:  # noqa: S106
        for i in range(3):
            sink.run(message=str(i))
    assert server.accounts == [("me", "secret")]
    assert [content for _, content, *_ in server.published] == [b"0", b"1", b"2"]


def test_a_refusal_and_a_later_success() -> None:
    with broker() as server, step(server) as sink:
        server.refuse = 5
        out = sink.run(message="x")
        assert out["error_status"] is True
        assert "refuses the connection: Not authorized" in out["message"]
        server.refuse = 0
        assert sink.run(message="x")["error_status"] is False


def test_a_broker_that_is_silent_or_not_there() -> None:
    with broker(deaf=True) as server, step(server, timeout=0.2) as sink:
        assert "did not answer in time" in sink.run(message="x")["message"]
    with step(server, timeout=0.2) as sink:
        assert sink.run(message="x")["error_status"] is True


def test_a_topic_with_wildcards_is_no_place_to_publish() -> None:
    with broker() as server, step(server, topic="gates/#") as sink:
        assert "not published" in sink.run(message="x")["message"]


def test_switches_and_wrong_fields() -> None:
    with broker() as server:
        with step(server, disable_sink=True) as sink:
            assert "disable_sink" in sink.run(message="x")["message"]
        with pytest.raises(InvalidWorkflow) as caught:
            run_step("mqtt_writer_sink", {"message": "x"}, allowed(), host="h", port=0, topic="", qos=3, timeout=0)
    assert server.accounts == []
    assert {p.field for p in caught.value.problems} == {"port", "topic", "qos", "timeout"}
