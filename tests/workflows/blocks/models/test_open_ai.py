"""The shared parts of all blocks that ask a provider are tested here, on OpenAI's."""

import json
import threading
from typing import Any

import numpy as np
import pytest
from tests.workflows.blocks.models.chat import KEY, ask, chatting, picture, red, words
from tests.workflows.blocks.sinks.loopback import ALLOWED, Request, allowed, web
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow, OcellaError, Refused
from ocella.types import Image
from ocella.workflows.compile import compile_workflow
from ocella.workflows.run import Session
from ocella.workflows.services import Services


def test_the_request_is_the_question_the_picture_and_the_key() -> None:
    with chatting("A red square.") as server:
        found = ask(
            "open_ai@v5",
            server,
            prompt="Which colour?",
            model_version="gpt-x",
            image_detail="low",
            reasoning_effort="low",
            max_tokens=50,
            temperature=0.5,
        )
    assert found == {"output": "A red square.", "classes": None}
    (request,) = server.requests
    assert request.path == "/v1/chat/completions"
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    sent = {k: v for k, v in request.json.items() if k != "messages"}
    assert sent == {"model": "gpt-x", "max_completion_tokens": 50, "temperature": 0.5, "reasoning_effort": "low"}
    assert words(request) == "Which colour?"
    assert request.json["messages"][0]["content"][0]["image_url"]["detail"] == "low"
    np.testing.assert_allclose(picture(request)[10, 15], [230, 20, 10], atol=6)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"task_type": "ocr"}, ["Read all text", "reading order"]),
        ({"task_type": "caption"}, ["one short sentence"]),
        ({"task_type": "detailed-caption"}, ["in detail"]),
        ({"task_type": "visual-question-answering", "prompt": "How many?"}, ["Question: How many?"]),
        ({"task_type": "classification", "classes": ["cat", "dog"]}, ['"cat", "dog"', '"class_name"', '"confidence"']),
        ({"task_type": "multi-label-classification", "classes": ["cat"]}, ['"cat"', '"predicted_classes"', '"class"']),
        ({"task_type": "object-detection", "classes": ["cat"]}, ['"cat"', '"x_min"', '"class_name"', "0 to 1"]),
        (
            {"task_type": "structured-answering", "output_structure": {"count": "how many"}},
            ['"count": "how many"', "JSON"],
        ),
    ],
)
def test_a_task_is_put_in_words(fields: dict[str, Any], expected: list[str]) -> None:
    with chatting("x") as server:
        ask("open_ai", server, **fields)
    for part in expected:
        assert part in words(server.requests[0])


def test_a_large_picture_is_sent_smaller() -> None:
    with chatting("x") as server:
        ask("open_ai", server, Image(np.zeros((10, 4096, 3), np.uint8)), task_type="caption")
    assert picture(server.requests[0]).shape == (5, 2048, 3)


@pytest.mark.parametrize(
    ("parser", "says", "fields", "output", "read"),
    [
        (
            {"type": "vlm_as_detector", "classes": ["cat"], "model_type": "openai", "task_type": "object-detection"},
            {
                "detections": [
                    {"x_min": 0.1, "y_min": 0.5, "x_max": 0.2, "y_max": 1, "class_name": "cat", "confidence": 0.9}
                ]
            },
            {"task_type": "object-detection", "classes": ["cat"]},
            "predictions",
            lambda found: (found.xyxy.tolist(), found.names),
        ),
        (
            {"type": "vlm_as_classifier", "classes": ["cat", "dog"]},
            {"class_name": "dog", "confidence": 0.8},
            {"task_type": "classification", "classes": ["cat", "dog"]},
            "predictions",
            lambda found: found.top()[0][0],
        ),
        (
            {"type": "json_parser", "expected_fields": ["count"]},
            {"count": 3},
            {"task_type": "structured-answering", "output_structure": {"count": "how many"}},
            "count",
            lambda found: found,
        ),
    ],
)
def test_its_answers_are_what_later_steps_read(
    parser: dict[str, Any], says: Any, fields: dict[str, Any], output: str, read: Any
) -> None:
    source = "raw_json" if parser["type"] == "json_parser" else "vlm_output"
    step = {**parser, "name": "read", source: "$steps.ask.output"}
    if source == "vlm_output":
        step["image"] = "$inputs.image"
    with chatting(json.dumps(says)) as server:
        asked = {"type": "open_ai", "name": "ask", "images": "$inputs.image", "api_key": KEY, "base_url": server.url}
        workflow = compile_workflow(
            {
                "inputs": [{"type": "WorkflowImage", "name": "image"}],
                "steps": [{**asked, **fields}, step],
                "outputs": [{"type": "JsonField", "name": "found", "selector": f"$steps.read.{output}"}],
            }
        )
        with Session(workflow, allowed()) as session:
            found = read(session.run({"image": [red(200, 100)]})[0]["found"])
    assert found == {"predictions": ([[10, 100, 20, 200]], ["cat"]) if "detector" in parser["type"] else "dog"}.get(
        output, 3
    )


def test_several_images_are_asked_side_by_side_and_those_that_fail_are_paid_once() -> None:
    both = threading.Barrier(2, timeout=5)

    def reply(request: Request) -> tuple[int, bytes]:
        both.wait()  # passed only when two questions are there at once
        if picture(request).shape[0] == 8:
            return 400, b"too small"
        return 200, json.dumps({"choices": [{"message": {"content": "fine"}}]}).encode()

    definition = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "open_ai",
                "name": "ask",
                "images": "$inputs.image",
                "task_type": "caption",
                "api_key": KEY,
                "max_concurrent_requests": 2,
            }
        ],
        "outputs": [{"type": "JsonField", "name": "said", "selector": "$steps.ask.output"}],
    }
    with web(reply) as server:
        definition["steps"][0]["base_url"] = server.url  # type: ignore[index]
        with Session(compile_workflow(definition), allowed()) as session:
            result = session.run({"image": [red(8), red(20)]})
    assert [row["said"] for row in result.rows] == [None, "fine"]
    (failure,) = result.failures
    assert failure.path == (0,)
    assert "too small" in str(failure.cause)
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"task_type": "classification"}, r"'classes'.*a value, which task 'classification' needs"),
        ({}, r"'prompt'.*a value, which task 'unconstrained' needs"),
        ({"task_type": "structured-answering"}, "output_structure"),
        ({"task_type": "draw"}, "task_type"),
        ({"prompt": "x", "json_output_format": {"classes": "which"}}, r"names other than 'classes'"),
    ],
)
def test_what_cannot_be(fields: dict[str, Any], message: str) -> None:
    with chatting("x") as server, pytest.raises(InvalidWorkflow, match=message):
        ask("open_ai", server, **fields)
    assert server.requests == []


@pytest.mark.parametrize("key", ["", "rf_key:account"])
def test_a_key_of_your_own_is_needed(key: str) -> None:
    with chatting("x") as server, pytest.raises(Refused, match="needs your own key of OpenAI in 'api_key'"):
        ask("open_ai", server, task_type="caption", api_key=key)
    assert server.requests == []


def test_a_key_that_is_not_accepted_is_told_without_it() -> None:
    with (
        chatting("no", status=401) as server,
        pytest.raises(Refused, match="The key in 'api_key' is not accepted") as e,
    ):
        ask("open_ai", server, task_type="caption")
    assert KEY not in str(e.value)


@pytest.mark.parametrize("allow", sorted(ALLOWED))
def test_nothing_is_sent_without_leave(allow: str) -> None:
    with chatting("x") as server, pytest.raises(Refused, match=str(next(iter(ALLOWED - {allow})))):
        run_step(
            "open_ai",
            {"images": red()},
            Services(allow=frozenset({allow})),
            task_type="caption",
            api_key=KEY,
            base_url=server.url,
        )
    assert server.requests == []


@pytest.mark.parametrize("name", ["open_ai@v1", "OpenAI"])
def test_version_1_gives_fields_as_outputs(name: str) -> None:
    with chatting('Sure: ```json\n{"count": 2}\n```') as server:
        found = run_step(
            name,
            {"images": red()},
            allowed(),
            prompt="Count the cats.",
            openai_api_key=KEY,
            json_output_format={"count": "how many", "colour": "which"},
            base_url=server.url,
        )
    assert (found["count"], found["colour"]) == (2, "not_detected")
    assert found["structured_output"] == {"count": 2, "colour": "not_detected"}
    assert found["image"] == {"width": 30, "height": 20}
    assert found["raw_output"].startswith("Sure")
    sent = server.requests[0].json
    assert (sent["model"], sent["max_completion_tokens"]) == ("gpt-4o", 450)
    assert words(server.requests[0]).startswith("Count the cats.")
    assert '"count": "how many"' in words(server.requests[0])


@pytest.mark.parametrize(
    ("version", "model", "most"), [("v2", "gpt-4o", 450), ("v3", "gpt-4o", 450), ("v4", "gpt-5.1", None)]
)
def test_older_versions_have_their_own_defaults(version: str, model: str, most: int | None) -> None:
    with chatting("x") as server:
        ask(f"roboflow_core/open_ai@{version}", server, task_type="caption")
    sent = server.requests[0].json
    assert (sent["model"], sent.get("max_completion_tokens")) == (model, most)


def test_a_server_that_is_not_there_is_told() -> None:
    with chatting("x") as server:
        pass
    with pytest.raises(OcellaError, match="cannot be reached"):
        ask("open_ai", server, task_type="caption")
