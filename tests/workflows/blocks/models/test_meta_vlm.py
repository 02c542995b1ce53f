from tests.workflows.blocks.models.chat import ask, chatting, words


def test_it_thinks_and_tells() -> None:
    with chatting("[]", reasoning="Nothing is there.") as server:
        found = ask("meta_vlm@v1", server, task_type="object-detection", classes=["cat"], model_version="Muse Glimmer")
    assert found == {"output": "[]", "classes": ["cat"], "thinking": "Nothing is there."}
    sent = {k: v for k, v in server.requests[0].json.items() if k != "messages"}
    assert sent == {
        "model": "meta/muse-glimmer-30b",
        "max_tokens": 2048,
        "provider": {"data_collection": "deny"},
        "reasoning": {"effort": "low"},
    }
    assert "from 0 to 1000" in words(server.requests[0])


def test_without_thoughts_there_are_none() -> None:
    with chatting("x") as server:
        assert ask("meta_vlm", server, task_type="caption")["thinking"] == ""
