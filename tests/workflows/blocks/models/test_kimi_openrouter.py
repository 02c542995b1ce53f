import pytest
from tests.workflows.blocks.models.chat import ask, chatting


@pytest.mark.parametrize(
    ("name", "version", "model", "provider"),
    [
        ("kimi_openrouter@v2", "Kimi K2.5 - OpenRouter", "moonshotai/kimi-k2.5", {"data_collection": "deny"}),
        ("kimi_openrouter@v1", "Kimi K2.6 - OpenRouter", "moonshotai/kimi-k2.6", None),
    ],
)
def test_versions_by_name(name: str, version: str, model: str, provider: object) -> None:
    with chatting("A square.") as server:
        found = ask(name, server, task_type="caption", **({"model_version": version} if version else {}))
    assert found["output"] == "A square."
    sent = server.requests[0].json
    assert (sent["model"], sent.get("provider")) == (model, provider)
