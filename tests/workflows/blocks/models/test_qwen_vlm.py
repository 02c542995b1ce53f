"""Qwen here, on a small checkpoint, and through a loopback OpenRouter."""

from typing import Any

import pytest
from tests.workflows.blocks.models.chat import ask, chatting, red, words
from tests.workflows.leasing import by_hand, services
from tests.workflows.running import run_step

from ocella.errors import NotFound, Refused
from ocella.workflows.services import Services

NAME, FAMILY = "qwen3-vl-2b-instruct", "qwen_vl"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {"model": "qwen/qwen3.7-plus", "reasoning": {"enabled": False}}),
        ({"openrouter_model_version": "Qwen 3.8 Max"}, {"model": "qwen/qwen3.8-max", "reasoning": {"effort": "low"}}),
        (
            {"openrouter_model_version": "Qwen 3 VL 8B Thinking", "reasoning_effort": "high"},
            {"model": "qwen/qwen3-vl-8b-thinking", "reasoning": {"effort": "high"}},
        ),
        (
            {"openrouter_model_version": "Qwen 3.6 Flash", "reasoning_effort": "medium"},
            {"model": "qwen/qwen3.6-flash", "reasoning": {"effort": "medium"}},
        ),
    ],
)
def test_through_openrouter(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    with chatting("[]", reasoning_content="None there.") as server:
        found = ask(
            "qwen_vlm@v2", server, backend="openrouter", task_type="object-detection", classes=["cat"], **fields
        )
    assert found == {"output": "[]", "classes": ["cat"], "thinking": "None there."}
    sent = {k: v for k, v in server.requests[0].json.items() if k != "messages"}
    assert sent == {"max_tokens": 2048, "provider": {"data_collection": "deny"}, **expected}
    assert '"box_2d": [x_min, y_min, x_max, y_max]' in words(server.requests[0])


@pytest.mark.parametrize("fields", [{"model_version": "Qwen 3 VL 2B"}, {"fine_tuned_model_id": NAME}])
def test_here(fields: dict[str, str]) -> None:
    (wanted,) = by_hand(NAME, FAMILY).predict([red()], "What is this?", max_tokens=6)
    found = run_step(
        "qwen_vlm",
        {"images": red()},
        services(NAME, FAMILY),
        prompt="What is this?",
        max_tokens=6,
        enable_thinking=False,
        **fields,
    )
    assert found == {"output": wanted.text, "classes": None, "thinking": ""}


def test_what_cannot_be() -> None:
    with pytest.raises(NotFound, match=r"does not run here\. Take Qwen 2.5 VL 7B or Qwen 3 VL 2B"):
        run_step("qwen_vlm", {"images": red()}, services(), task_type="caption", model_version="Qwen 3.5 VL 2B")
    with pytest.raises(Refused, match="--allow send"):
        run_step("qwen_vlm", {"images": red()}, Services(), task_type="caption", backend="openrouter")
