"""What the blocks share that go through OpenRouter."""

from typing import Any

import pytest
from tests.workflows.blocks.models.chat import KEY, ask, chatting, words

from ocella.errors import InvalidWorkflow

DENY, ZDR = {"data_collection": "deny"}, {"data_collection": "deny", "zdr": True}


@pytest.mark.parametrize(("level", "provider"), [("deny", DENY), ("zdr", ZDR), ("allow", None), (None, DENY)])
def test_who_may_answer(level: str | None, provider: Any) -> None:
    with chatting("x") as server:
        ask(
            "openrouter@v1",
            server,
            task_type="caption",
            model_id="a/b",
            **({} if level is None else {"privacy_level": level}),
        )
    (request,) = server.requests
    sent = {k: v for k, v in request.json.items() if k != "messages"}
    assert sent == {"model": "a/b", "max_tokens": 500, "temperature": 0.1} | (
        {"provider": provider} if provider else {}
    )
    assert request.headers["Authorization"] == f"Bearer {KEY}"


def test_boxes_are_shares_of_the_image() -> None:
    with chatting("x") as server:
        ask("openrouter", server, task_type="object-detection", classes=["cat"], model_id="a/b")
    assert '"x_min": 0.1' in words(server.requests[0])


def test_a_model_is_needed() -> None:
    with chatting("x") as server, pytest.raises(InvalidWorkflow, match="model_id"):
        ask("openrouter", server, task_type="caption")
