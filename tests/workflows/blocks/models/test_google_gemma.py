import pytest
from tests.workflows.blocks.models.chat import ask, chatting


@pytest.mark.parametrize(
    ("name", "version", "model", "provider"),
    [
        ("google_gemma@v2", "", "google/gemma-4-31b-it", {"data_collection": "deny"}),
        ("google_gemma@v2", "Gemma 4 26B A4B - OpenRouter", "google/gemma-4-26b-a4b-it", {"data_collection": "deny"}),
        ("google_gemma@v1", "", "google/gemma-4-31b-it", None),
    ],
)
def test_versions_by_name(name: str, version: str, model: str, provider: object) -> None:
    with chatting("A square.") as server:
        found = ask(name, server, task_type="caption", **({"model_version": version} if version else {}))
    assert found["output"] == "A square."
    sent = server.requests[0].json
    assert (sent["model"], sent.get("provider")) == (model, provider)
