import pytest
from tests.workflows.blocks.models.chat import ask, chatting


@pytest.mark.parametrize(
    ("name", "version", "model", "provider"),
    [
        ("qwen3_5_openrouter@v1", "Qwen 3.5 9B - OpenRouter", "qwen/qwen3.5-9b", None),
        ("qwen3_5_openrouter", "qwen/another", "qwen/another", None),
    ],
)
def test_versions_by_name(name: str, version: str, model: str, provider: object) -> None:
    with chatting("A square.") as server:
        found = ask(name, server, task_type="caption", **({"model_version": version} if version else {}))
    assert found["output"] == "A square."
    sent = server.requests[0].json
    assert (sent["model"], sent.get("provider")) == (model, provider)
