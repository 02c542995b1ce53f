"""SmolVLM2 asked in a workflow says what it says by itself."""

from typing import Any

import pytest
from tests.checkpoints.parts import picture
from tests.workflows.leasing import by_hand, services
from tests.workflows.running import Step, run_step

from ocella.errors import Mismatch

NAME, FAMILY = "smolvlm2-2.2b-instruct", "smolvlm"


@pytest.mark.parametrize(
    "fields", [{}, {"model_version": "smolvlm2/smolvlm-2.2b-instruct"}, {"model_version": NAME}], ids=len
)
def test_its_answer(fields: dict[str, Any]) -> None:
    image = picture(48, 64)
    found = run_step("smolvlm2", {"images": image}, services(NAME, FAMILY), prompt="How many?", **fields)
    (wanted,) = by_hand(NAME, FAMILY).predict([image], "How many?")
    assert found == {"parsed_output": wanted.text}


def test_each_image_is_answered_by_itself() -> None:
    images = [picture(48, 64), picture(64, 64, seed=1)]
    with Step("roboflow_core/smolvlm2@v1", services(NAME, FAMILY), prompt="What?") as step:
        found = [step.run(images=image)["parsed_output"] for image in images]
    assert found == [answer.text for answer in by_hand(NAME, FAMILY).predict(images, "What?")]


def test_without_a_prompt_it_is_asked_for_a_description() -> None:
    found = run_step("smolvlm2", {"images": picture(48, 64)}, services(NAME, FAMILY))
    (wanted,) = by_hand(NAME, FAMILY).predict([picture(48, 64)], "Describe what is in this image.")
    assert found["parsed_output"] == wanted.text


def test_a_model_that_does_not_answer() -> None:
    with pytest.raises(Mismatch, match="'vlm'"):
        run_step("smolvlm2", {"images": picture(48, 64)}, services(), model_version="nanodet-g")
