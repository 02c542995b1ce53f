import pytest
from tests.workflows.blocks.models.chat import KEY, chatting, red, words
from tests.workflows.blocks.sinks.loopback import allowed
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow


@pytest.mark.parametrize(
    ("says", "top"),
    [
        ('{"top": "dog"}', "dog"),
        ('{"top": "horse"}', "not_detected"),
        ("A dog.", "not_detected"),
        ("[1]", "not_detected"),
    ],
)
@pytest.mark.parametrize("name", ["lmm_for_classification@v1", "LMMForClassification"])
def test_the_class_of_an_answer(name: str, says: str, top: str) -> None:
    with chatting(says) as server:
        found = run_step(
            name,
            {"images": red()},
            allowed(),
            lmm_type="gpt_4v",
            classes=["cat", "dog"],
            remote_api_key=KEY,
            base_url=server.url,
        )
    assert (found["top"], found["raw_output"], found["prediction_type"]) == (top, says, "classification")
    assert found["image"] == {"width": 30, "height": 20}
    assert '"cat", "dog"' in words(server.requests[0])


def test_classes_are_needed() -> None:
    with pytest.raises(InvalidWorkflow, match="classes"):
        run_step("lmm_for_classification", {"images": red()}, allowed(), lmm_type="gpt_4v", classes=[])
