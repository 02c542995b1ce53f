from tests.workflows.blocks.models.chat import ask, chatting, words


def test_the_request() -> None:
    with chatting("[]") as server:
        found = ask("spacexai@v1", server, task_type="object-detection", classes=["cat"], reasoning_effort="high")
    assert found == {"output": "[]", "classes": ["cat"]}
    (request,) = server.requests
    assert {k: v for k, v in request.json.items() if k != "messages"} == {
        "model": "grok-4.5",
        "reasoning_effort": "high",
    }
    assert "from 0 to 100" in words(request)
