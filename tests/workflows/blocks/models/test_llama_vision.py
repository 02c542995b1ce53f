import pytest
from tests.workflows.blocks.models.chat import ask, chatting


@pytest.mark.parametrize(
    ("name", "version", "model", "provider"),
    [
        ("llama_vision@v2", "", "meta-llama/llama-3.2-11b-vision-instruct", {"data_collection": "deny"}),
        (
            "llama_vision@v2",
            "90B (Free) - OpenRouter",
            "meta-llama/llama-3.2-90b-vision-instruct:free",
            {"data_collection": "deny"},
        ),
        ("roboflow_core/llama_3_2_vision@v1", "", "meta-llama/llama-3.2-11b-vision-instruct:free", None),
    ],
)
def test_versions_by_name(name: str, version: str, model: str, provider: object) -> None:
    with chatting("A square.") as server:
        found = ask(name, server, task_type="caption", **({"model_version": version} if version else {}))
    assert found["output"] == "A square."
    sent = server.requests[0].json
    assert (sent["model"], sent.get("provider")) == (model, provider)
