"""Qwen3-VL asked in a workflow says what it says by itself."""

from typing import Any

import pytest
from tests.checkpoints.parts import picture
from tests.workflows.leasing import by_hand, services
from tests.workflows.running import run_step

from ocella.errors import NotFound

NAME, FAMILY = "qwen3-vl-2b-instruct", "qwen_vl"
ASKED = "How many?"


@pytest.mark.parametrize("fields", [{}, {"model_version": "qwen3vl-2b-instruct"}, {"model_version": NAME}])
def test_its_answer(fields: dict[str, Any]) -> None:
    image = picture(48, 64)
    found = run_step("qwen3vl", {"images": image}, services(NAME, FAMILY), prompt=ASKED, **fields)
    (wanted,) = by_hand(NAME, FAMILY).predict([image], ASKED)
    assert found == {"parsed_output": wanted.text}


def test_a_system_prompt_goes_before_the_prompt() -> None:
    image = picture(48, 64)
    found = run_step(
        "roboflow_core/qwen3vl@v1", {"images": image}, services(NAME, FAMILY), prompt=ASKED, system_prompt="Be brief."
    )
    (wanted,) = by_hand(NAME, FAMILY).predict([image], f"Be brief.\n\n{ASKED}")
    assert found["parsed_output"] == wanted.text


def test_a_model_that_is_not_there() -> None:
    with pytest.raises(NotFound, match="no model 'qwen-of-tomorrow'"):
        run_step("qwen3vl", {"images": picture(48, 64)}, services(), prompt=ASKED, model_version="qwen-of-tomorrow")
