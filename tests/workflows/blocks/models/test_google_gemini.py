from typing import Any

import pytest
from tests.workflows.blocks.models.chat import ask, chatting, words

from ocella.errors import InvalidWorkflow


@pytest.mark.parametrize(
    ("name", "fields", "expected"),
    [
        ("google_gemini@v4", {}, {"model": "gemini-3.1-pro-preview"}),
        (
            "google_gemini@v1",
            {"model_version": "gemini-2.5-pro-preview-05-06"},
            {"model": "gemini-2.5-pro", "max_tokens": 450},
        ),
        ("google_gemini@v3", {"thinking_level": "low"}, {"model": "gemini-3.1-pro-preview", "reasoning_effort": "low"}),
    ],
)
def test_the_request(name: str, fields: dict[str, Any], expected: dict[str, Any]) -> None:
    with chatting("A square.") as server:
        assert ask(name, server, task_type="caption", **fields)["output"] == "A square."
    assert {k: v for k, v in server.requests[0].json.items() if k != "messages"} == expected


def test_boxes_are_asked_for_as_it_knows_them() -> None:
    with chatting("[]") as server:
        ask("google_gemini", server, task_type="object-detection", classes=["cat"])
    assert '"box_2d": [y_min, x_min, y_max, x_max]' in words(server.requests[0])


def test_what_the_protocol_lacks_is_refused() -> None:
    with chatting("x") as server, pytest.raises(InvalidWorkflow, match="google_code_execution"):
        ask("google_gemini", server, task_type="caption", google_code_execution=True)
