import pytest
from tests.workflows.blocks.models.chat import ask, chatting


@pytest.mark.parametrize(
    ("name", "version", "model", "provider"),
    [
        ("qwen3_6_openrouter@v1", "Qwen 3.6 Max Preview - OpenRouter", "qwen/qwen3.6-max-preview", None),
        ("qwen3_6_openrouter", "Qwen 3.6 27B - OpenRouter", "qwen/qwen3.6-27b", None),
    ],
)
def test_versions_by_name(name: str, version: str, model: str, provider: object) -> None:
    with chatting("A square.") as server:
        found = ask(name, server, task_type="caption", **({"model_version": version} if version else {}))
    assert found["output"] == "A square."
    sent = server.requests[0].json
    assert (sent["model"], sent.get("provider")) == (model, provider)
