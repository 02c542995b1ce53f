"""What cache_set refuses, and that it gives its value on."""

from typing import Any

import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Detections, Image

PHOTO = Image(np.zeros((2, 2, 3), np.uint8))


@pytest.mark.parametrize("value", [0, "a", [1], {"a": 1}, Detections.empty(("car",))])
def test_the_value_goes_on(value: Any) -> None:
    assert run_step("cache_set", {"image": PHOTO, "value": value}, key="k") == {"output": value}


@pytest.mark.parametrize(("fields", "message"), [({}, "Give 'key'"), ({"key": 5}, "'key': expected a valid string")])
def test_a_key_is_a_text(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidWorkflow, match=message):
        run_step("cache_set", {"image": PHOTO, "value": 1}, **fields)
