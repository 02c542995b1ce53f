import pytest
from tests.workflows.blocks.models.chat import KEY, chatting, red, words
from tests.workflows.blocks.sinks.loopback import allowed
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow, Refused


@pytest.mark.parametrize(
    ("says", "count"), [('{"count": 2}', 2), ('```json\n{"count": "many"}\n```', "many"), ("Two cats.", "not_detected")]
)
@pytest.mark.parametrize("name", ["lmm@v1", "LMM"])
def test_fields_of_an_answer(name: str, says: str, count: object) -> None:
    with chatting(says) as server:
        found = run_step(
            name,
            {"images": red()},
            allowed(),
            prompt="Count the cats.",
            lmm_type="gpt_4v",
            lmm_config={"max_tokens": 9, "gpt_model_version": "gpt-x", "gpt_image_detail": "low"},
            remote_api_key=KEY,
            json_output={"count": "how many"},
            base_url=server.url,
        )
    assert found["count"] == count
    assert found["structured_output"] == {"count": count}
    assert (found["raw_output"], found["image"]) == (says, {"width": 30, "height": 20})
    (request,) = server.requests
    assert (request.json["model"], request.json["max_completion_tokens"]) == ("gpt-x", 9)
    assert '"count": "how many"' in words(request)


def test_without_fields_the_text_alone() -> None:
    with chatting("Two.") as server:
        found = run_step(
            "lmm",
            {"images": red()},
            allowed(),
            prompt="Count.",
            lmm_type="gpt_4v",
            remote_api_key=KEY,
            base_url=server.url,
        )
    assert (found["raw_output"], found["structured_output"]) == ("Two.", {})
    assert words(server.requests[0]) == "Count."


def test_what_cannot_be() -> None:
    with pytest.raises(InvalidWorkflow, match="lmm_type"):
        run_step("lmm", {"images": red()}, allowed(), prompt="x", lmm_type="cog_vlm")
    with pytest.raises(InvalidWorkflow, match="names other than 'raw_output'"):
        run_step("lmm", {"images": red()}, allowed(), prompt="x", lmm_type="gpt_4v", json_output={"raw_output": "x"})
    with pytest.raises(Refused, match="your own key of OpenAI"):
        run_step("lmm", {"images": red()}, allowed(), prompt="x", lmm_type="gpt_4v")
