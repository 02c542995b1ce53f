from typing import Any

import numpy as np
import pytest
from tests.workflows.blocks.models.chat import KEY, ask, chatting, picture

from ocella.errors import InvalidWorkflow
from ocella.types import Image


@pytest.mark.parametrize(
    ("name", "fields", "expected"),
    [
        ("anthropic_claude@v3", {}, {"model": "claude-sonnet-4-5-20250929", "max_tokens": 64000}),
        ("anthropic_claude@v1", {}, {"model": "claude-sonnet-4-5-20250929", "max_tokens": 450}),
        (
            "anthropic_claude",
            {"model_version": "claude-opus-4", "temperature": 0.5},
            {"model": "claude-opus-4-20250514", "max_tokens": 32000, "temperature": 0.5},
        ),
        (
            "anthropic_claude",
            {
                "model_version": "claude-next",
                "extended_thinking": True,
                "thinking_budget_tokens": 2000,
                "max_tokens": 5000,
            },
            {"model": "claude-next", "max_tokens": 5000, "thinking": {"type": "enabled", "budget_tokens": 2000}},
        ),
    ],
)
def test_the_request(name: str, fields: dict[str, Any], expected: dict[str, Any]) -> None:
    with chatting("A square.") as server:
        found = ask(name, server, task_type="caption", **fields)
    assert found["output"] == "A square."
    (request,) = server.requests
    assert {k: v for k, v in request.json.items() if k != "messages"} == expected
    assert request.headers["Authorization"] == f"Bearer {KEY}"


def test_images_are_sent_no_larger_than_asked() -> None:
    with chatting("x") as server:
        ask(
            "anthropic_claude", server, Image(np.zeros((100, 200, 3), np.uint8)), task_type="caption", max_image_size=50
        )
    assert picture(server.requests[0]).shape == (25, 50, 3)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"extended_thinking": True, "temperature": 0.5}, "nothing beside extended_thinking"),
        ({"extended_thinking": True, "thinking_budget_tokens": 2000, "max_tokens": 2000}, "less than max_tokens, 2000"),
        ({"thinking_budget_tokens": 5}, "thinking_budget_tokens"),
    ],
)
def test_what_cannot_be(fields: dict[str, Any], message: str) -> None:
    with chatting("x") as server, pytest.raises(InvalidWorkflow, match=message):
        ask("anthropic_claude", server, task_type="caption", **fields)
