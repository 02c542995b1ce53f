"""Objects by Moondream 2, on a stand-in whose boxes are known: from a quarter of the width, the lower half."""

from typing import Any

import numpy as np
import pytest
from tests.checkpoints.parts import picture
from tests.workflows.leasing import services
from tests.workflows.running import run_step

from ocella.errors import InvalidValue, Mismatch, Refused
from ocella.types import Image

NAME, FAMILY = "moondream2-detect", "moondream"


def shade(image: Image) -> float:
    """The stand-in's one number: a linear layer over the mean colour."""
    mean = image.pixels.reshape(-1, 3).mean(axis=0) / 255
    return float(1 / (1 + np.exp(-(mean @ [0.3, -0.2, 0.9] + 0.1))))


@pytest.mark.parametrize("fields", [{}, {"model_version": "moondream2/moondream2-2b"}, {"model_version": NAME}])
def test_its_boxes_in_pixels(fields: dict[str, Any]) -> None:
    image = picture(48, 64)
    found = run_step("moondream2", {"images": image}, services(NAME, FAMILY), prompt="dog", **fields)["predictions"]
    assert (found.names, found.size_hw) == (["dog"], (48, 64))
    np.testing.assert_allclose(found.xyxy, [[16, 24, 64 * (0.25 + shade(image) / 2), 48]], rtol=1e-4)
    assert len(found.data["detection_id"]) == 1


def test_nothing_found_keeps_what_was_looked_for() -> None:
    found = run_step("moondream2", {"images": picture(48, 64)}, services(NAME, FAMILY), prompt="nothing")
    assert (len(found["predictions"]), found["predictions"].classes) == (0, ("nothing",))


@pytest.mark.parametrize("fields", [{}, {"prompt": " "}])
def test_it_must_be_told_what_to_find(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue, match="prompt"):
        run_step("moondream2", {"images": picture(48, 64)}, services(NAME, FAMILY), **fields)


def test_a_model_that_answers_in_words_is_refused() -> None:
    name = "smolvlm2-2.2b-instruct"
    with pytest.raises(Mismatch, match="'detect'"):
        run_step("moondream2", {"images": picture(48, 64)}, services(name, "smolvlm"), prompt="a", model_version=name)


def test_its_code_runs_only_with_leave() -> None:
    with pytest.raises(Refused, match="code"):
        run_step("moondream2", {"images": picture(48, 64)}, services(), prompt="dog")
