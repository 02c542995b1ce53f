from typing import Any

import numpy as np
import pytest
from tests.workflows.blocks.models.chat import KEY, chatting, content, picture, red, words
from tests.workflows.blocks.sinks.loopback import allowed
from tests.workflows.running import Many, run_step

from ocella.errors import InvalidWorkflow, Refused
from ocella.media.write import encode_jpeg
from ocella.types import Detections
from ocella.workflows.services import Services


def ask(server: Any, values: dict[str, Any], **fields: Any) -> Any:
    names = {name: f"$inputs.{name}" for name in values}
    return run_step(
        "openai_compatible@v1",
        values,
        fields.pop("services", allowed()),
        **{"base_url": f"{server.url}/v1", "model_name": "m", "prompt": "What?", "prompt_parameters": names, **fields},
    )


def test_values_go_into_the_prompt_and_images_beside_it() -> None:
    with chatting("A square.") as server:
        found = ask(
            server,
            {"image": red(), "count": 3},
            prompt="See {{ $parameters.image }}: are there {{$parameters.count}} of {{ $parameters.what }}?",
            system_prompt="Be short.",
            api_key=KEY,
            temperature=0.5,
            extra_body={"guided_choice": ["yes", "no"]},
        )
    assert found == {"output": "A square.", "error_status": ""}
    (request,) = server.requests
    assert request.json["messages"][0] == {"role": "system", "content": "Be short."}
    assert words(request) == "See : are there 3 of {{ $parameters.what }}?"
    np.testing.assert_allclose(picture(request)[10, 15], [230, 20, 10], atol=6)
    assert {k: v for k, v in request.json.items() if k != "messages"} == {
        "model": "m",
        "max_tokens": 500,
        "temperature": 0.5,
        "guided_choice": ["yes", "no"],
    }
    assert request.headers["Authorization"] == f"Bearer {KEY}"


def test_lists_and_bytes_are_pictures_too() -> None:
    with chatting("x") as server:
        ask(server, {"data": Many([red(), encode_jpeg(red(8), 90)])}, prompt="x")
    assert len([p for r in server.requests for p in content(r) if p["type"] == "image_url"]) == 2
    assert all("Authorization" not in r.headers for r in server.requests)


def test_operations_come_before() -> None:
    found = Detections(np.zeros((2, 4), np.float32), np.ones(2, np.float32), np.array([0, 1]), ("cat", "dog"))
    chain = [{"type": "DetectionsPropertyExtract", "property_name": "class_name"}]
    with chatting("x") as server:
        ask(
            server,
            {"found": found},
            prompt="I see {{ $parameters.found }}.",
            prompt_parameters_operations={"found": chain},
        )
    assert words(server.requests[0]) == "I see ['cat', 'dog']."


def test_what_goes_wrong_is_told_as_an_output() -> None:
    with chatting("no such model", status=400) as server:
        found = ask(server, {"count": 3})
    assert found["output"] == ""
    assert "answered 400" in found["error_status"]


def test_what_cannot_be() -> None:
    with chatting("x") as server:
        with pytest.raises(InvalidWorkflow, match="names of 'prompt_parameters', not 'b'"):
            ask(server, {"a": 1}, prompt_parameters_operations={"b": []})
        with pytest.raises(InvalidWorkflow, match="names other than 'messages'"):
            ask(server, {"a": 1}, extra_body={"messages": []})
        with pytest.raises(Refused, match="--allow send"):
            ask(server, {"a": 1}, services=Services())
        private = ask(server, {"a": 1}, services=Services(allow=frozenset({"send"})))
    assert "--allow private-addresses" in private["error_status"]
    assert server.requests == []
